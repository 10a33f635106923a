package dev.parley.wire.rest;

import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.ClientErrorException;
import jakarta.ws.rs.core.Response;

/// Collects the bodies of requests, each on its own event loop and up to a bound.
///
/// A resource's own parameter for the body is read on a worker thread when it is large; and a body
/// that is collected before the resource is asked has ended by then, which the resource's layer
/// does not take from HTTP/2.
@Singleton
final class Bodies {
  private final int bytesMax;

  Bodies(RestSettings settings) {
    this.bytesMax = settings.bodyBytesMax();
  }

  /// The whole body. Fails with status 413 when it is larger than allowed; the rest of it is not
  /// waited for.
  Uni<byte[]> of(RoutingContext http) {
    return Uni.createFrom()
        .emitter(emitter -> {
          HttpServerRequest request = http.request();
          Buffer body = Buffer.buffer();
          request.exceptionHandler(emitter::fail);
          request.endHandler(_ -> emitter.complete(body.getBytes()));
          request.handler(bytes -> {
            if (body.length() + bytes.length() <= bytesMax) {
              body.appendBuffer(bytes);
            } else {
              request.handler(_ -> {});
              HttpProblems.closeUnlessRead(http);
              emitter.fail(new ClientErrorException(Response.Status.REQUEST_ENTITY_TOO_LARGE));
            }
          });
          // The resource's layer has paused it, and lets nobody but itself resume it.
          var _ = request.resume();
        });
  }
}
