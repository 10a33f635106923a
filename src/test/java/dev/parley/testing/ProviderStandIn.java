package dev.parley.testing;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// A model provider that says what a test has written for it, byte for byte, and notices when
/// whoever asked goes away.
public final class ProviderStandIn implements AutoCloseable {
  private static final int LIMIT_SECONDS = 20;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server;
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile Function<Asked, Script> behaviour = _ -> Script.answer("text/plain", "");

  /// A request, and what became of its answer.
  public static final class Asked {
    private final HttpServerRequest request;
    private final String body;
    private final CompletableFuture<Long> goneNanos = new CompletableFuture<>();
    private final CompletableFuture<Void> saidAll = new CompletableFuture<>();
    private final CompletableFuture<Void> released = new CompletableFuture<>();
    private final AtomicInteger steps = new AtomicInteger();

    private Asked(HttpServerRequest request, String body) {
      this.request = request;
      this.body = body;
    }

    public String path() {
      return Objects.requireNonNullElse(request.path(), "");
    }

    public String header(String name) {
      return String.valueOf(request.getHeader(name));
    }

    public String body() {
      return body;
    }

    /// Lets an answer that is held go on.
    public void release() {
      released.complete(null);
    }

    /// Steps of the script that are done.
    public int steps() {
      return steps.get();
    }

    public boolean hasSaidAll() {
      return saidAll.isDone();
    }

    /// When the connection was closed before the answer's end, on [System#nanoTime]. Waits for it.
    public long goneNanos() {
      return goneNanos.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    }

    public boolean isGone() {
      return goneNanos.isDone();
    }
  }

  /// One step of an answer.
  private sealed interface Step {
    record Say(Buffer bytes) implements Step {}

    record Pause(Duration time) implements Step {}

    /// So many texts, each made when it is due.
    record Stream(int count, int perSecond, Supplier<String> text) implements Step {}

    record Hold() implements Step {}

    record Cut() implements Step {}
  }

  /// An answer, written in that order.
  public static final class Script {
    private final int status;
    private final Map<String, String> headers;
    private final List<Step> steps = new ArrayList<>();

    private Script(int status, Map<String, String> headers) {
      this.status = status;
      this.headers = headers;
    }

    public static Script of(int status, Map<String, String> headers) {
      return new Script(status, headers);
    }

    public static Script answer(String contentType, String text) {
      return of(200, Map.of("content-type", contentType)).say(text);
    }

    public Script say(String text) {
      return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Says it in pieces of so many bytes each, wherever that cuts.
    public Script sayInPieces(String text, int bytes) {
      byte[] all = text.getBytes(StandardCharsets.UTF_8);
      for (int from = 0; from < all.length; from += bytes) {
        bytes(Arrays.copyOfRange(all, from, Math.min(all.length, from + bytes)));
      }
      return this;
    }

    /// Says each, with a pause after it.
    public Script sayPaced(Stream<String> texts, Duration pause) {
      texts.forEach(text -> {
        say(text);
        steps.add(new Step.Pause(pause));
      });
      return this;
    }

    /// Says so many texts at a rate, on a schedule that waits for nobody; each is made when it is
    /// said.
    public Script stream(int count, int perSecond, Supplier<String> text) {
      steps.add(new Step.Stream(count, perSecond, text));
      return this;
    }

    /// Says nothing more until [Asked#release].
    public Script hold() {
      steps.add(new Step.Hold());
      return this;
    }

    /// Closes the connection in the middle of the answer.
    public Script cut() {
      steps.add(new Step.Cut());
      return this;
    }

    private Script bytes(byte[] bytes) {
      steps.add(new Step.Say(Buffer.buffer(bytes)));
      return this;
    }
  }

  public ProviderStandIn() {
    server =
        vertx
            .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
            .connectionHandler(_ -> connections.incrementAndGet())
            .requestHandler(this::heard)
            .listen()
            .toCompletionStage()
            .toCompletableFuture()
            .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
            .join();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.actualPort());
  }

  /// How it answers from now on.
  public void behave(Function<Asked, Script> behaviour) {
    this.behaviour = behaviour;
  }

  /// What it was asked so far.
  public List<Asked> asked() {
    return List.copyOf(asked);
  }

  /// Connections that were made to it so far.
  public int connections() {
    return connections.get();
  }

  @Override
  public void close() {
    vertx
        .close()
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
        .join();
  }

  private void heard(HttpServerRequest request) {
    request
        .body()
        .onSuccess(body -> {
          Asked heard = new Asked(request, body.toString(StandardCharsets.UTF_8));
          HttpServerResponse response = request.response();
          response.closeHandler(_ -> {
            if (!heard.saidAll.isDone()) {
              heard.goneNanos.complete(System.nanoTime());
            }
          });
          response.exceptionHandler(_ -> heard.goneNanos.complete(System.nanoTime()));
          asked.add(heard);
          Script script = behaviour.apply(heard);
          response.setStatusCode(script.status).setChunked(true);
          script.headers.forEach(response::putHeader);
          go(heard, script.steps.iterator());
        });
  }

  private void go(Asked heard, Iterator<Step> steps) {
    HttpServerResponse response = heard.request.response();
    if (heard.goneNanos.isDone()) {
      return;
    }
    if (!steps.hasNext()) {
      heard.saidAll.complete(null);
      response.end();
      return;
    }
    Runnable next =
        () -> {
          heard.steps.incrementAndGet();
          go(heard, steps);
        };
    switch (steps.next()) {
      case Step.Say(var bytes) -> response.write(bytes).onSuccess(_ -> next.run());
      case Step.Pause(var time) -> vertx.setTimer(time.toMillis(), _ -> next.run());
      case Step.Stream stream -> stream(heard, System.nanoTime(), 0, stream, next);
      case Step.Hold _ -> {
        Context context = vertx.getOrCreateContext();
        CompletableFuture<Void> _ =
            heard.released.thenRun(() -> context.runOnContext(_ -> next.run()));
      }
      case Step.Cut _ -> heard.request.connection().close();
    }
  }

  private void stream(Asked heard, long beginNanos, int said, Step.Stream stream, Runnable next) {
    if (heard.goneNanos.isDone()) {
      return;
    }
    long elapsed = System.nanoTime() - beginNanos;
    int due = (int) Math.min(stream.count(), 1 + elapsed * stream.perSecond() / NANOS_PER_SECOND);
    for (int i = said; i < due; i++) {
      Future<Void> _ = heard.request.response().write(stream.text().get());
    }
    if (due == stream.count()) {
      next.run();
      return;
    }
    long waitNanos = due * NANOS_PER_SECOND / stream.perSecond() - elapsed;
    long _ =
        vertx.setTimer(
            Math.max(1, TimeUnit.NANOSECONDS.toMillis(waitNanos)),
            _ -> stream(heard, beginNanos, due, stream, next));
  }
}
