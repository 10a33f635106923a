package dev.parley.wire.rest;

import dev.parley.wire.connection.RequestBytes;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import jakarta.inject.Singleton;
import jakarta.ws.rs.ClientErrorException;

/// Collects the bodies of requests, each on its own event loop.
///
/// A resource's own parameter for the body is read on a worker thread when it is large; and a body
/// that is collected before the resource is asked has ended by then, which the resource's layer
/// does not take from HTTP/2.
@Singleton
final class Bodies {
  private final RestSettings settings;
  private final Vertx vertx;

  Bodies(RestSettings settings, Vertx vertx) {
    this.settings = settings;
    this.vertx = vertx;
  }

  /// The whole body. Fails with status 413 or 408 when it is larger or takes longer than allowed.
  Uni<byte[]> of(RoutingContext http) {
    return Uni.createFrom()
        .<Buffer>emitter(emitter -> {
          RequestBytes.of(http, vertx, settings.bodyBytesMax(), settings.bodyTimeout())
              .onSuccess(emitter::complete)
              .onFailure(emitter::fail);
          // The resource's layer has paused it, and lets nobody but itself resume it.
          var _ = http.request().resume();
        })
        .map(Buffer::getBytes)
        .onFailure(HttpException.class)
        .transform(failure -> refusal(http, failure));
  }

  private static ClientErrorException refusal(RoutingContext http, HttpException failure) {
    HttpProblems.closeUnlessRead(http);
    return new ClientErrorException(failure.getStatusCode());
  }
}
