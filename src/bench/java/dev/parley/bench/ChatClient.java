package dev.parley.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.WebSocketClient;
import java.util.function.ObjLongConsumer;

/// One client that watches one session of its own on a socket of its own.
final class ChatClient {
  private final BenchClient client;
  private final String key;
  private final ObjLongConsumer<String> onDelta;
  private final Promise<Void> subscribed = Promise.promise();
  private Promise<Void> stopped = Promise.promise();
  private long chars;

  private ChatClient(BenchClient client, String key, ObjLongConsumer<String> onDelta) {
    this.client = client;
    this.key = key;
    this.onDelta = onDelta;
  }

  /// Creates the session and subscribes to it.
  ///
  /// @param onDelta hears each delta and the `nanoTime` at which its message arrived
  static Future<ChatClient> open(
      WebSocketClient sockets, int port, String key, ObjLongConsumer<String> onDelta) {
    return BenchClient.connect(sockets, port)
        .compose(client -> {
          ChatClient chat = new ChatClient(client, key, onDelta);
          return client
              .create(key)
              .compose(_ -> client.subscribe(BenchClient.session(key), chat::received))
              .compose(_ -> chat.subscribed.future())
              .map(chat);
        });
  }

  /// Sends a message; the future is done when its turn has stopped.
  Future<Void> send(String content) {
    Promise<Void> end = Promise.promise();
    client.onLoop(() -> stopped = end);
    return client.send(key, content).compose(_ -> end.future());
  }

  /// Stops the turn that runs.
  Future<String> interrupt() {
    return client.call("chat.interrupt", BenchClient.session(key));
  }

  /// Characters of all deltas so far.
  long chars() {
    return chars;
  }

  private void received(String chunk) {
    long now = System.nanoTime();
    subscribed.tryComplete();
    chars += Deltas.forEach(chunk, delta -> onDelta.accept(delta, now));
    if (chunk.contains("\"SessionStopped\"")) {
      stopped.tryComplete();
    }
  }
}
