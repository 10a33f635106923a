package dev.parley.wire.thread;

import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.wire.auth.Access;
import dev.parley.wire.auth.Standing;
import dev.parley.wire.connection.Admission;
import dev.parley.wire.connection.Farewell;
import dev.parley.wire.connection.Outbound;
import dev.parley.wire.connection.Peer;
import dev.parley.wire.connection.Sockets;
import dev.parley.wire.connection.WireMetrics;
import dev.parley.wire.turn.ChatNames;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.quarkus.websockets.next.OnBinaryMessage;
import io.quarkus.websockets.next.OnClose;
import io.quarkus.websockets.next.OnError;
import io.quarkus.websockets.next.OnOpen;
import io.quarkus.websockets.next.OnPongMessage;
import io.quarkus.websockets.next.OnTextMessage;
import io.quarkus.websockets.next.WebSocket;
import io.quarkus.websockets.next.WebSocketConnection;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Carries [ThreadConnection]s over WebSocket: `/api/chat/ws?threadId=…&create=1&resume=…`.
@WebSocket(path = ThreadSocket.PATH)
final class ThreadSocket {
  static final String PATH = "/api/chat/ws";

  private final Threads threads;
  private final ThreadSettings settings;
  private final ChatNames names;
  private final Access access;
  private final WireMetrics.Endpoint metrics;
  private final Sockets sockets;

  ThreadSocket(
      Threads threads,
      ThreadSettings settings,
      ChatNames names,
      Access access,
      Admission admission,
      Farewell farewell,
      WireMetrics metrics,
      Vertx vertx) {
    this.threads = threads;
    this.settings = settings;
    this.names = names;
    this.access = access;
    this.metrics = metrics.endpoint(PATH);
    this.sockets = new Sockets(vertx, settings.connection(), admission, farewell, this.metrics);
  }

  @OnOpen
  Uni<Void> opened(WebSocketConnection socket) {
    String query = socket.handshakeRequest().query();
    Map<String, List<String>> parameters =
        new QueryStringDecoder(query == null ? "" : query, false).parameters();
    return sockets.opened(
        socket, (outbound, context, standing) -> peer(parameters, outbound, context, standing));
  }

  private Peer peer(
      Map<String, List<String>> parameters,
      Outbound outbound,
      Executor context,
      Standing standing) {
    String thread = first(parameters, "threadId");
    ChatNames names = this.names.of(standing.caller());
    SessionKey key;
    try {
      key = access.demand(standing.caller(), names.key(thread == null ? "" : thread));
    } catch (RefusedException refused) {
      outbound.close(
          Outbound.POLICY_VIOLATION,
          thread == null ? "threadId is missing" : "threadId is malformed");
      return new NoThread();
    }
    ThreadConnection connection =
        new ThreadConnection(threads, settings, names, key, outbound, context, metrics);
    connection.open("1".equals(first(parameters, "create")), first(parameters, "resume"));
    return connection;
  }

  static @Nullable String first(Map<String, List<String>> parameters, String name) {
    List<String> values = parameters.get(name);
    return values == null ? null : values.getFirst();
  }

  @OnTextMessage
  Uni<Void> text(String message, WebSocketConnection socket) {
    return sockets.received(socket, message.getBytes(StandardCharsets.UTF_8));
  }

  @OnBinaryMessage
  Uni<Void> binary(Buffer message, WebSocketConnection socket) {
    return sockets.received(socket, message.getBytes());
  }

  @OnPongMessage
  Uni<Void> pong(Buffer pong, WebSocketConnection socket) {
    return sockets.heard(socket);
  }

  @OnClose
  Uni<Void> closed(WebSocketConnection socket) {
    return sockets.closed(socket);
  }

  @OnError
  Uni<Void> failed(Throwable failure, WebSocketConnection socket) {
    return sockets.failed(socket, failure);
  }

  /// What a socket without a thread has until it is closed.
  private record NoThread() implements Peer {
    @Override
    public void receive(byte[] message) {}

    @Override
    public void leave(String reason) {}

    @Override
    public void closed() {}
  }
}
