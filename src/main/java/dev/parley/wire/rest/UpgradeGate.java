package dev.parley.wire.rest;

import dev.parley.session.Refusal;
import dev.parley.wire.connection.Addresses;
import dev.parley.wire.connection.WireMetrics;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;

/// Refuses the upgrade to a WebSocket, whatever is to be spoken on it, to an address that has too
/// many of them: with status 429 and a problem of its own, which an upgrade check cannot give. It
/// counts nothing; who comes in is counted when its socket opens, so whoever slips through beside
/// others is closed then.
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
    boolean upgrade = "websocket".equalsIgnoreCase(http.request().getHeader("upgrade"));
    if (upgrade && addresses.isFull(http.request().remoteAddress().hostAddress())) {
      refuse(http);
    } else {
      http.next();
    }
  }

  private void refuse(RoutingContext http) {
    metrics.refused(Addresses.LIMIT);
    Refusal refusal = new Refusal.LimitExceeded(Addresses.LIMIT, addresses.refusal(), null);
    Response problem = Problems.of(refusal);
    http.response()
        .setStatusCode(problem.getStatus())
        .putHeader("content-type", Problems.MEDIA_TYPE)
        .end(problem.getEntity().toString());
  }
}
