package dev.parley.wire.rpc;

import dev.parley.wire.rpc.codec.Serialization;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;

/// All messages in one array, written when the last one is there. What is kept until then is
/// bounded by [Replies].
final class JsonAnswer extends HttpAnswer {
  private final StringBuilder messages = new StringBuilder("[");

  JsonAnswer(HttpServerRequest request, String contentType) {
    super(request, contentType);
  }

  @Override
  Serialization serialization() {
    return Serialization.JSON;
  }

  @Override
  public Uni<Void> send(String message) {
    if (messages.length() > 1) {
      messages.append(',');
    }
    messages.append(message);
    return Uni.createFrom().voidItem();
  }

  /// Space may stand before any JSON.
  @Override
  String filler() {
    return " ";
  }

  @Override
  String rest() {
    return messages.append(']').toString();
  }
}
