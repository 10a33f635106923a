package dev.parley.wire.connection;

import dev.parley.log.Fields;
import dev.parley.trace.Incoming;
import dev.parley.trace.Upstream;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/// How calls come in that are one request over HTTP.
public final class HttpIncoming {
  private HttpIncoming() {}

  /// The call of a request that has arrived whole, now.
  public static Incoming now(HttpServerRequest request) {
    return new Incoming(Fields.NONE, upstream(request), System.nanoTime());
  }

  /// The trace that the request says it is in; absent: none.
  public static @Nullable Upstream upstream(HttpServerRequest request) {
    return Upstream.ofRequest(request.getHeader("traceparent"));
  }
}
