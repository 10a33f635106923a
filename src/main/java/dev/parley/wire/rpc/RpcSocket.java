package dev.parley.wire.rpc;

import dev.parley.wire.call.Calls;
import dev.parley.wire.connection.Sockets;
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

/// Carries [RpcConnection]s over WebSocket.
@WebSocket(path = "/ws")
final class RpcSocket {
  private final Calls calls;
  private final RpcSettings settings;
  private final Sockets sockets;

  RpcSocket(Calls calls, RpcSettings settings, Vertx vertx) {
    this.calls = calls;
    this.settings = settings;
    this.sockets = new Sockets(vertx, settings.connection());
  }

  @OnOpen
  Uni<Void> opened(WebSocketConnection socket) {
    String query = socket.handshakeRequest().query();
    boolean beta = query != null && Dialect.isBeta(query);
    return sockets.opened(
        socket,
        (outbound, context) ->
            new RpcConnection(
                calls, settings, outbound, context, beta, RpcConnection.Pace.ACKNOWLEDGED));
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
}
