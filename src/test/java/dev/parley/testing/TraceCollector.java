package dev.parley.testing;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// A server that spans are sent to, by OTLP over HTTP in protobuf. It remembers what it was sent.
public final class TraceCollector implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final Vertx vertx = Vertx.vertx();
  private final List<byte[]> received = new CopyOnWriteArrayList<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final HttpServer server;
  private volatile boolean hanging;

  /// On any free port.
  public TraceCollector() {
    server =
        join(
            vertx
                .createHttpServer()
                .requestHandler(this::handle)
                .listen(0, "127.0.0.1")
                .toCompletionStage());
  }

  private void handle(HttpServerRequest request) {
    requests.incrementAndGet();
    request.bodyHandler(body -> answer(request, body));
  }

  private void answer(HttpServerRequest request, Buffer body) {
    if (!hanging) {
      if ("/v1/traces".equals(request.path())) {
        received.add(body.getBytes());
      }
      request
          .response()
          .putHeader("content-type", "application/x-protobuf")
          .end(Buffer.buffer(new byte[0]));
    }
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.actualPort());
  }

  /// From now on requests are taken and never answered.
  public void hang() {
    hanging = true;
  }

  /// Requests so far, whatever became of them.
  public int requests() {
    return requests.get();
  }

  /// The spans of all requests that were answered.
  public List<Span> spans() {
    return requestsRead()
        .flatMap(request -> request.getResourceSpansList().stream())
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .toList();
  }

  private Stream<ExportTraceServiceRequest> requestsRead() {
    return received.stream()
        .map(bytes -> {
          try {
            return ExportTraceServiceRequest.parseFrom(bytes);
          } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("what was sent is no export of spans", e);
          }
        });
  }

  /// Everything that was sent, byte by byte: a text in it is a text in this.
  public String bytes() {
    StringBuilder all = new StringBuilder();
    received.forEach(each -> all.append(new String(each, StandardCharsets.ISO_8859_1)));
    return all.toString();
  }

  @Override
  public void close() {
    join(vertx.close().toCompletionStage());
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
  }
}
