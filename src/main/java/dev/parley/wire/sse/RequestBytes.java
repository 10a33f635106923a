package dev.parley.wire.sse;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;

/// The body of a request that a route of our own serves. Its size is bounded by
/// `quarkus.http.limits.max-body-size`.
public final class RequestBytes {
  private RequestBytes() {}

  /// The whole body, on the request's context.
  public static Future<Buffer> of(RoutingContext http) {
    Future<Buffer> body = http.request().body();
    // Quarkus pauses requests until somebody says how they are read, and does not see this way.
    var _ = http.request().resume();
    return body;
  }
}
