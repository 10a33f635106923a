package dev.parley.wire.connection;

import io.vertx.core.http.HttpServerRequest;

/// Tells requests that become WebSockets from others.
public final class Upgrades {
  private Upgrades() {}

  /// Whether the request is upgraded where there is an endpoint: Quarkus goes by the key alone,
  /// whatever `Upgrade` and `Connection` say.
  public static boolean isOne(HttpServerRequest request) {
    return request.headers().contains("sec-websocket-key");
  }
}
