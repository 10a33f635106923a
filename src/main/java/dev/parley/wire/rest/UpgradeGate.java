package dev.parley.wire.rest;

import static java.util.Objects.requireNonNullElse;

import dev.parley.session.Refusal;
import dev.parley.wire.connection.Addresses;
import dev.parley.wire.connection.Upgrades;
import dev.parley.wire.connection.WireMetrics;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;

/// Refuses the upgrade to a WebSocket, whatever is to be spoken on it, with a problem of its own,
/// which an upgrade check cannot give: with status 400 to a request that has a body, and with 429
/// to an address that has too many sockets. It counts nothing; who comes in is counted when its
/// socket opens, so whoever slips through beside others is closed then.
@Singleton
final class UpgradeGate {
  /// Ahead of everything that upgrades.
  private static final int ORDER = Integer.MIN_VALUE;

  private final Addresses addresses;
  private final WireMetrics metrics;

  UpgradeGate(Addresses addresses, WireMetrics metrics) {
    this.addresses = addresses;
    this.metrics = metrics;
  }

  void register(@Observes Router router) {
    router.route().order(ORDER).handler(this::pass);
  }

  private void pass(RoutingContext http) {
    HttpServerRequest request = http.request();
    if (!Upgrades.isOne(request)) {
      http.next();
    } else if (hasBody(request)) {
      // It would be upgraded at the body's end, however long that takes to come.
      HttpProblems.closeUnlessRead(http);
      answer(http, Problems.of(HttpResponseStatus.BAD_REQUEST.code()));
    } else if (addresses.isFull(request.remoteAddress().hostAddress())) {
      metrics.refused(Addresses.LIMIT);
      Refusal refusal = new Refusal.LimitExceeded(Addresses.LIMIT, addresses.refusal(), null);
      answer(http, Problems.of(refusal));
    } else {
      http.next();
    }
  }

  private static boolean hasBody(HttpServerRequest request) {
    return !"0".equals(requireNonNullElse(request.getHeader(HttpHeaders.CONTENT_LENGTH), "0"))
        || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
  }

  private static void answer(RoutingContext http, Response problem) {
    http.response()
        .setStatusCode(problem.getStatus())
        .putHeader(HttpHeaders.CONTENT_TYPE, Problems.MEDIA_TYPE)
        .end(problem.getEntity().toString());
  }
}
