package dev.parley.wire.rest;

import dev.parley.wire.connection.RequestBytes;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;

/// Collects the bodies of requests, each on its own event loop.
///
/// A resource's own parameter for the body is read on a worker thread when it is large; and a body
/// that is collected before the resource is asked has ended by then, which the resource's layer
/// does not take from HTTP/2.
@Singleton
final class Bodies {
  private final RequestBytes bytes;
  private final RestSettings settings;

  Bodies(RequestBytes bytes, RestSettings settings) {
    this.bytes = bytes;
    this.settings = settings;
  }

  /// The whole body. One that cannot be had is answered here, at once: the connection may be closed
  /// next. Then nothing is emitted.
  Uni<byte[]> of(RoutingContext http) {
    return Uni.createFrom()
        .<Buffer>emitter(emitter -> {
          bytes.read(http, settings.bodyBytesMax(), emitter::complete);
          // The resource's layer has paused it, and lets nobody but itself resume it.
          var _ = http.request().resume();
        })
        .map(Buffer::getBytes);
  }
}
