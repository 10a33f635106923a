package dev.parley.wire.rpc;

import dev.parley.wire.auth.Standing;
import dev.parley.wire.call.Calls;
import dev.parley.wire.call.JsonLimits;
import dev.parley.wire.connection.Admission;
import dev.parley.wire.connection.Farewell;
import dev.parley.wire.connection.Outbound;
import dev.parley.wire.connection.Peer;
import dev.parley.wire.connection.Sockets;
import dev.parley.wire.connection.WireMetrics;
import dev.parley.wire.rpc.Manner.Carrier;
import dev.parley.wire.rpc.codec.Dialect;
import dev.parley.wire.rpc.codec.RpcReader;
import dev.parley.wire.rpc.codec.Serialization;
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
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Function;

/// Carries [RpcConnection]s over WebSocket.
@WebSocket(path = RpcSocket.PATH)
final class RpcSocket {
  static final String PATH = "/ws";

  private final RpcEndpoint endpoint;
  private final Sockets sockets;

  RpcSocket(
      Calls calls,
      RpcSettings settings,
      JsonLimits json,
      Admission admission,
      Farewell farewell,
      WireMetrics metrics,
      Vertx vertx) {
    this.endpoint =
        new RpcEndpoint(
            calls, new RpcReader(json), settings, metrics.endpoint(PATH), System::nanoTime);
    this.sockets =
        new Sockets(vertx, settings.connection(), admission, farewell, endpoint.metrics());
  }

  @OnOpen
  Uni<Void> opened(WebSocketConnection socket) {
    String query = Objects.requireNonNullElse(socket.handshakeRequest().query(), "");
    return sockets.opened(
        socket, (outbound, context, standing) -> peer(outbound, context, standing, query));
  }

  private Peer peer(Outbound outbound, Executor context, Standing standing, String query) {
    boolean beta = Dialect.isBeta(query);
    Serialization asked = Serialization.asked(query);
    Function<Serialization, RpcConnection> connections =
        serialization ->
            new RpcConnection(
                endpoint,
                outbound,
                context,
                new Manner(Carrier.SOCKET, serialization, beta),
                standing);
    return asked == null ? new FirstMessage(connections) : connections.apply(asked);
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
