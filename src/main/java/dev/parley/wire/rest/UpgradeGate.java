package dev.parley.wire.rest;

import static java.util.Objects.requireNonNullElse;

import dev.parley.session.RefusedException;
import dev.parley.wire.connection.Admission;
import dev.parley.wire.connection.SocketLimit;
import dev.parley.wire.connection.Upgrades;
import dev.parley.wire.connection.WireMetrics;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/// Refuses the upgrade to a WebSocket, whatever is to be spoken on it, with a problem, which an
/// upgrade check cannot give: with status 400 to a request that has a body, and with 429 to an
/// address that has too many sockets. It counts nothing; who comes in is counted when its socket
/// opens, so whoever slips through beside others is closed then.
@Singleton
final class UpgradeGate {
  /// Ahead of everything that upgrades.
  private static final int ORDER = Integer.MIN_VALUE;

  private final SocketLimit addresses;
  private final WireMetrics metrics;

  UpgradeGate(Admission admission, WireMetrics metrics) {
    this.addresses = admission.addresses();
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
      http.fail(HttpResponseStatus.BAD_REQUEST.code());
    } else if (addresses.isFull(request.remoteAddress().hostAddress())) {
      metrics.refused(addresses.name());
      http.fail(new RefusedException(addresses.refusal()));
    } else {
      http.next();
    }
  }

  private static boolean hasBody(HttpServerRequest request) {
    return !"0".equals(requireNonNullElse(request.getHeader(HttpHeaders.CONTENT_LENGTH), "0"))
        || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
  }
}
