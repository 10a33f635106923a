package dev.parley.wire.rest;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/// Throws away what comes of a body once its request is answered, so that the connection can be
/// used again, and for as long as a body may take at most: whoever drips on is cut off.
@Singleton
final class UnreadBodies {
  private static final int ORDER = Integer.MIN_VALUE;

  private final Vertx vertx;
  private final RestSettings settings;

  UnreadBodies(Vertx vertx, RestSettings settings) {
    this.vertx = vertx;
    this.settings = settings;
  }

  void register(@Observes Router router) {
    router.route().order(ORDER).handler(this::watch);
  }

  private void watch(RoutingContext http) {
    Context context = vertx.getOrCreateContext();
    http.addEndHandler(end -> {
      // Nothing is answered where the connection becomes a socket's.
      if (end.succeeded() && http.response().headWritten()) {
        // A worker may have answered, while the request's end came in on its own loop.
        context.runOnContext(_ -> discard(http.request()));
      }
    });
    http.next();
  }

  private void discard(HttpServerRequest request) {
    if (request.isEnded() || request.response().closed()) {
      return;
    }
    long timer = vertx.setTimer(settings.bodyTimeout().toMillis(), _ -> cut(request));
    request.handler(_ -> {});
    request.exceptionHandler(_ -> vertx.cancelTimer(timer));
    request.endHandler(_ -> vertx.cancelTimer(timer));
    request.resume();
  }

  /// Ends what a client still says: HTTP/2 ends the stream (RFC 9113, section 8.1), HTTP/1.1 has
  /// the connection alone.
  static void cut(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().reset(0);
    } else {
      var _ = request.connection().close();
    }
  }
}
