package dev.parley.wire.rest;

import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;

/// What is Parley's own, and not for everybody: all else is Quarkus's, and says nothing of any
/// session.
final class Guarded {
  /// Matrix parameters count as no part of an address where it is looked up.
  private static final String PATHS = "(?s)/(?:api|ws)(?:[;/].*)?";

  private Guarded() {}

  static Route route(Router router) {
    return router.routeWithRegex(PATHS);
  }
}
