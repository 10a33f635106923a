package dev.parley.wire.rpc;

import dev.parley.wire.call.Calls;
import dev.parley.wire.call.JsonLimits;
import dev.parley.wire.connection.RequestBytes;
import dev.parley.wire.connection.WireMetrics;
import dev.parley.wire.rpc.codec.RpcReader;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/// Carries [RpcConnection]s over HTTP, one per POST.
@Singleton
final class RpcRoute {
  private static final String PATH = "/api/rpc";

  private final RpcEndpoint endpoint;
  private final Vertx vertx;

  RpcRoute(Calls calls, RpcSettings settings, JsonLimits json, WireMetrics metrics, Vertx vertx) {
    this.endpoint =
        new RpcEndpoint(
            calls, new RpcReader(json), settings, metrics.endpoint(PATH), System::nanoTime);
    this.vertx = vertx;
  }

  void register(@Observes Router router) {
    router.route(PATH).handler(this::serve);
    router.route(PATH + "/").handler(this::serve);
  }

  private void serve(RoutingContext http) {
    if (!http.request().method().equals(HttpMethod.POST)) {
      http.response().putHeader("allow", "POST");
      http.fail(405);
      return;
    }
    RequestBytes.go(http.request());
    RpcExchange.begin(endpoint, vertx, http);
  }
}
