package dev.parley.wire.rpc;

import dev.parley.wire.Defects;
import dev.parley.wire.call.Calls;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.quarkus.websockets.next.CloseReason;
import io.quarkus.websockets.next.OnBinaryMessage;
import io.quarkus.websockets.next.OnClose;
import io.quarkus.websockets.next.OnError;
import io.quarkus.websockets.next.OnOpen;
import io.quarkus.websockets.next.OnPongMessage;
import io.quarkus.websockets.next.OnTextMessage;
import io.quarkus.websockets.next.WebSocket;
import io.quarkus.websockets.next.WebSocketConnection;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Carries [RpcConnection]s over WebSocket. Every callback returns at once and returns a `Uni`, so
/// that it runs on the connection's event loop.
@WebSocket(path = "/ws")
final class RpcSocket {
  private record Peer(RpcConnection connection, Heartbeat heartbeat) {}

  private final Calls calls;
  private final RpcSettings settings;
  private final Vertx vertx;
  private final Map<String, Peer> peers = new ConcurrentHashMap<>();

  RpcSocket(Calls calls, RpcSettings settings, Vertx vertx) {
    this.calls = calls;
    this.settings = settings;
    this.vertx = vertx;
  }

  @OnOpen
  Uni<Void> opened(WebSocketConnection socket) {
    Context context = vertx.getOrCreateContext();
    String query = socket.handshakeRequest().query();
    RpcConnection connection =
        new RpcConnection(
            calls,
            settings,
            new SocketOutbound(socket),
            task -> context.runOnContext(_ -> task.run()),
            query != null && Dialect.isBeta(query),
            RpcConnection.Pace.ACKNOWLEDGED);
    Heartbeat heartbeat = new Heartbeat(vertx, socket, settings, () -> forget(socket));
    peers.put(socket.id(), new Peer(connection, heartbeat));
    return done();
  }

  @OnTextMessage
  Uni<Void> text(String message, WebSocketConnection socket) {
    return received(socket, message.getBytes(StandardCharsets.UTF_8));
  }

  @OnBinaryMessage
  Uni<Void> binary(Buffer message, WebSocketConnection socket) {
    return received(socket, message.getBytes());
  }

  @OnPongMessage
  Uni<Void> pong(Buffer pong, WebSocketConnection socket) {
    return received(socket, new byte[0]);
  }

  private Uni<Void> received(WebSocketConnection socket, byte[] bytes) {
    @Nullable Peer peer = peers.get(socket.id());
    if (peer != null) {
      peer.heartbeat().heard();
      peer.connection().receive(bytes);
    }
    return done();
  }

  @OnClose
  Uni<Void> closed(WebSocketConnection socket) {
    forget(socket);
    return done();
  }

  /// What the carrier could not read, or a connection that broke.
  @OnError
  Uni<Void> failed(Throwable failure, WebSocketConnection socket) {
    forget(socket);
    return switch (failure) {
      case HttpClosedException _ -> done();
      case IOException _ -> done();
      case CorruptedWebSocketFrameException corrupt -> close(socket, corrupt.closeStatus().code());
      // how Vert.x tells of a message over its limit
      case IllegalStateException _ -> close(socket, Outbound.TOO_BIG);
      default -> {
        Defects.log("A socket", failure);
        yield close(socket, Outbound.INTERNAL_ERROR);
      }
    };
  }

  private static Uni<Void> close(WebSocketConnection socket, int code) {
    return socket.isClosed() ? done() : socket.close(new CloseReason(code));
  }

  private void forget(WebSocketConnection socket) {
    @Nullable Peer peer = peers.remove(socket.id());
    if (peer != null) {
      peer.heartbeat().stop();
      peer.connection().closed();
    }
  }

  private static Uni<Void> done() {
    return Uni.createFrom().voidItem();
  }

  private record SocketOutbound(WebSocketConnection socket) implements Outbound {
    @Override
    public Uni<Void> send(String lines) {
      return Uni.createFrom().deferred(() -> socket.sendText(lines));
    }

    @Override
    public void close(int code, String reason) {
      socket.close(new CloseReason(code, reason)).subscribe().with(_ -> {}, _ -> {});
    }
  }
}
