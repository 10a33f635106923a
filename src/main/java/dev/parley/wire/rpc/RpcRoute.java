package dev.parley.wire.rpc;

import dev.parley.wire.call.Calls;
import dev.parley.wire.connection.Outbound;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Carries [RpcConnection]s over HTTP: one per POST, its body the requests, its response their
/// messages as they come. Always status 200; the messages say what failed.
@Singleton
final class RpcRoute {
  /// Of the clients that decode each piece of a response by itself, and so would break a character
  /// that is cut in two: they are answered in ASCII.
  private static final String NDJSON = "application/ndjson";

  private static final String X_NDJSON = "application/x-ndjson";

  private final Calls calls;
  private final RpcSettings settings;
  private final Vertx vertx;

  RpcRoute(Calls calls, RpcSettings settings, Vertx vertx) {
    this.calls = calls;
    this.settings = settings;
    this.vertx = vertx;
  }

  void register(@Observes Router router) {
    router.route("/api/rpc").handler(this::serve);
    router.route("/api/rpc/").handler(this::serve);
  }

  private void serve(RoutingContext http) {
    HttpServerRequest request = http.request();
    if (!request.method().equals(HttpMethod.POST)) {
      http.response().setStatusCode(404).end();
      return;
    }
    if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
      http.response().writeContinue();
    }
    Context context = vertx.getOrCreateContext();
    String contentType = contentType(request);
    http.response().putHeader("content-type", contentType);
    String query = request.query();
    RpcConnection connection =
        new RpcConnection(
            calls,
            settings,
            new ResponseOutbound(http.response(), contentType.equals(NDJSON)),
            task -> context.runOnContext(_ -> task.run()),
            query != null && Dialect.isBeta(query),
            RpcConnection.Pace.WRITTEN);
    http.addEndHandler(_ -> connection.closed());
    request.exceptionHandler(_ -> connection.closed());
    request.handler(bytes -> connection.receive(bytes.getBytes()));
    request.endHandler(_ -> connection.endOfInput());
  }

  private static String contentType(HttpServerRequest request) {
    @Nullable String given = request.getHeader("content-type");
    return given != null && given.toLowerCase(Locale.ROOT).startsWith(NDJSON) ? NDJSON : X_NDJSON;
  }

  private record ResponseOutbound(HttpServerResponse response, boolean ascii) implements Outbound {
    @Override
    public Uni<Void> send(String lines) {
      if (!response.headWritten()) {
        response.setChunked(true);
      }
      return Uni.createFrom()
          .completionStage(
              () -> response.write(ascii ? RpcWriter.ascii(lines) : lines).toCompletionStage());
    }

    @Override
    public void close(int code, String reason) {
      if (response.ended() || response.closed()) {
        return;
      }
      if (code == NORMAL) {
        response.end();
      } else {
        response.reset();
      }
    }
  }
}
