package dev.parley.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import java.util.function.ObjLongConsumer;

/// One client of one session on a socket of its own: the least a client does, so that the load
/// generator costs little. Reads frames as text, since a parser would be most of its work.
final class ChatClient {
  private static final String DELTA = "\"delta\":\"";

  private final WebSocket socket;
  private final String sessionId;
  private final ObjLongConsumer<String> onDelta;
  private final Promise<Void> stopped = Promise.promise();
  private final Promise<Void> subscribed = Promise.promise();
  private long chars;

  private ChatClient(WebSocket socket, String sessionId, ObjLongConsumer<String> onDelta) {
    this.socket = socket;
    this.sessionId = sessionId;
    this.onDelta = onDelta;
  }

  /// Creates the session and subscribes to it.
  ///
  /// @param onDelta hears each delta and the `nanoTime` at which its message arrived
  static Future<ChatClient> open(
      WebSocketClient client,
      int port,
      String userId,
      String threadId,
      ObjLongConsumer<String> onDelta) {
    String sessionId = userId + ":demo:" + threadId;
    return client
        .connect(port, "127.0.0.1", "/ws")
        .compose(socket -> {
          ChatClient chat = new ChatClient(socket, sessionId, onDelta);
          socket.textMessageHandler(chat::received);
          chat.call(
              0,
              "session.create",
              "{\"userId\":\"%s\",\"agentId\":\"demo\",\"threadId\":\"%s\"}"
                  .formatted(userId, threadId));
          return chat.subscribed.future().map(chat);
        });
  }

  /// Sends a message; the future is done when its turn has stopped.
  Future<Void> send(String content) {
    call(2, "chat.send", "{\"sessionId\":\"%s\",\"content\":\"%s\"}".formatted(sessionId, content));
    return stopped.future();
  }

  /// As [#send], with a name of its own, as clients do.
  Future<Void> send(String content, String clientMessageId) {
    call(
        2,
        "chat.send",
        "{\"sessionId\":\"%s\",\"content\":\"%s\",\"clientMessageId\":\"%s\"}"
            .formatted(sessionId, content, clientMessageId));
    return stopped.future();
  }

  Future<Void> close() {
    return socket.close();
  }

  /// Characters of all deltas so far.
  long chars() {
    return chars;
  }

  private void call(int id, String tag, String payload) {
    socket.writeTextMessage(
        "{\"_tag\":\"Request\",\"id\":%d,\"tag\":\"%s\",\"payload\":%s,\"headers\":[]}\n"
            .formatted(id, tag, payload));
  }

  private void received(String message) {
    long now = System.nanoTime();
    if (message.startsWith("{\"_tag\":\"Exit\",\"requestId\":0")) {
      call(1, "chat.subscribe", "{\"sessionId\":\"" + sessionId + "\"}");
    } else if (message.startsWith("{\"_tag\":\"Chunk\"")) {
      socket.writeTextMessage("{\"_tag\":\"Ack\",\"requestId\":1}\n");
      subscribed.tryComplete();
      for (int at = message.indexOf(DELTA); at >= 0; at = message.indexOf(DELTA, at + 1)) {
        String delta =
            message.substring(at + DELTA.length(), message.indexOf('"', at + DELTA.length()));
        chars += delta.length();
        onDelta.accept(delta, now);
      }
      if (message.contains("\"SessionStopped\"")) {
        stopped.tryComplete();
      }
    }
  }
}
