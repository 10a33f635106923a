package dev.parley.wire.rest;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.wire.auth.Access;
import dev.parley.wire.auth.Access.Reason;
import dev.parley.wire.auth.Origins;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/// Refuses pages of other sites, before an upgrade and before a call: a browser asks nobody before
/// it opens a socket, or posts what it takes for plain text, and only hides the answer.
@Singleton
final class OriginGate {
  private static final int ORDER = Integer.MIN_VALUE;

  private final Origins origins;
  private final Access access;

  OriginGate(Origins origins, Access access) {
    this.origins = origins;
    this.access = access;
  }

  void register(@Observes Router router) {
    Guarded.route(router).order(ORDER).handler(this::pass);
  }

  private void pass(RoutingContext http) {
    HttpServerRequest request = http.request();
    @Nullable HostAndPort authority = request.authority();
    if (origins.allows(
        request.headers().getAll(HttpHeaders.ORIGIN),
        request.scheme(),
        authority == null ? null : authority.toString())) {
      http.next();
    } else {
      access.refused(Reason.FOREIGN_ORIGIN);
      http.fail(new RefusedException(new Refusal.NotAllowed("Pages of this origin may not.")));
    }
  }
}
