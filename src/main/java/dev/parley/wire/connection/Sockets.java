package dev.parley.wire.connection;

import dev.parley.log.Fields;
import dev.parley.loop.BatchedExecutor;
import dev.parley.trace.Upstream;
import dev.parley.wire.Defects;
import dev.parley.wire.auth.Caller;
import dev.parley.wire.auth.Callers;
import dev.parley.wire.auth.Expiry;
import dev.parley.wire.auth.Standing;
import dev.parley.wire.connection.Heartbeats.Heartbeat;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.quarkus.websockets.next.CloseReason;
import io.quarkus.websockets.next.WebSocketConnection;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClosedException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// The open sockets of one endpoint: hands what they bring to their peers, pings them, and lets go
/// of what is gone. An endpoint passes its callbacks on to here; each returns a `Uni`, so that it
/// runs on the socket's event loop, and returns at once.
public final class Sockets {
  private static final String TRACEPARENT = "traceparent";

  /// Whom an endpoint lets speak on a socket, given the way out, what runs tasks on the socket's
  /// context, in order, and whose the socket is.
  public interface Protocol {
    Peer peer(Outbound outbound, Executor context, Standing standing);
  }

  private record Open(
      WebSocketConnection socket,
      Peer peer,
      Executor context,
      Heartbeat heartbeat,
      SocketStanding standing,
      String address,
      ConnectionLife life) {
    @Nullable String userId() {
      return standing.caller().userId();
    }
  }

  private final Vertx vertx;
  private final Heartbeats heartbeats;
  private final Admission admission;
  private final Farewell farewell;
  private final WireMetrics.Endpoint metrics;
  private final Map<String, Open> open = new ConcurrentHashMap<>();
  private final Map<Context, Executor> executors = new ConcurrentHashMap<>();

  /// @param farewell that of all endpoints
  public Sockets(
      Vertx vertx,
      ConnectionSettings settings,
      Admission admission,
      Farewell farewell,
      WireMetrics.Endpoint metrics) {
    this.vertx = vertx;
    this.heartbeats = new Heartbeats(vertx, settings);
    this.admission = admission;
    this.farewell = farewell;
    this.metrics = metrics;
    farewell.join(this);
  }

  /// Takes a socket in, if its address and its user have room for it: whoever was let through at
  /// the same moment is closed with [Outbound#POLICY_VIOLATION].
  public Uni<Void> opened(WebSocketConnection socket, Protocol protocol) {
    String address = RemoteAddress.of(socket);
    Caller caller = Callers.of(socket);
    if (!admission.addresses().enter(address)) {
      return refuse(socket, admission.addresses());
    }
    if (caller.userId() != null && !admission.users().enter(caller.userId())) {
      admission.addresses().leave(address);
      return refuse(socket, admission.users());
    }
    ConnectionLife life = metrics.opened(socket.id());
    Executor context = executor();
    SocketStanding standing =
        new SocketStanding(vertx, admission.tokens(), caller, () -> expired(socket));
    Upstream upstream = Upstream.ofConnection(socket.handshakeRequest().header(TRACEPARENT));
    Peer peer = protocol.peer(new SocketOutbound(socket, life, upstream), context, standing);
    Heartbeat heartbeat =
        heartbeats.join(socket, context, () -> forget(socket, Outbound.GOING_AWAY));
    Open entered = new Open(socket, peer, context, heartbeat, standing, address, life);
    open.put(socket.id(), entered);
    if (farewell.isBegun()) {
      leave(entered);
    }
    // its end may have been told of before its beginning
    return socket.isClosed() ? closed(socket) : done();
  }

  private Uni<Void> refuse(WebSocketConnection socket, SocketLimit full) {
    metrics.refused(full.name());
    return socket.close(new CloseReason(Outbound.POLICY_VIOLATION, full.message()));
  }

  /// Nothing more is taken from it; what it has set in motion goes on.
  private void expired(WebSocketConnection socket) {
    forget(socket, Outbound.POLICY_VIOLATION);
    socket
        .close(new CloseReason(Outbound.POLICY_VIOLATION, Expiry.REASON))
        .subscribe()
        .with(_ -> {}, _ -> {});
  }

  /// Every peer closes its socket when it is done.
  void leave() {
    open.values().forEach(this::leave);
  }

  private void leave(Open leaving) {
    leaving.context().execute(() -> leaving.peer().leave(farewell.reason()));
  }

  /// Closes whatever is still open.
  void closeAll() {
    for (Open left : List.copyOf(open.values())) {
      left.context()
          .execute(() -> {
            forget(left.socket(), Outbound.GOING_AWAY);
            new SocketOutbound(left.socket(), left.life(), null)
                .close(Outbound.GOING_AWAY, farewell.reason());
          });
    }
  }

  /// All sockets of one event loop share an executor: what a token brings to many of them is one
  /// turn of the loop.
  private Executor executor() {
    Context loop = VertxContext.getRootContext(vertx.getOrCreateContext());
    return executors.computeIfAbsent(
        loop,
        _ -> new BatchedExecutor(turn -> loop.runOnContext(_ -> turn.run()), Defects::logTask));
  }

  /// @param message its bytes, text or binary
  public Uni<Void> received(WebSocketConnection socket, byte[] message) {
    @Nullable Open known = open.get(socket.id());
    if (known != null) {
      known.heartbeat().heard();
      known.life().received();
      known.peer().receive(message);
    }
    return done();
  }

  /// The peer lives: it answered a ping.
  public Uni<Void> heard(WebSocketConnection socket) {
    @Nullable Open known = open.get(socket.id());
    if (known != null) {
      known.heartbeat().heard();
    }
    return done();
  }

  public Uni<Void> closed(WebSocketConnection socket) {
    @Nullable CloseReason reason = socket.closeReason();
    forget(socket, reason == null ? Outbound.BROKEN : reason.getCode());
    return done();
  }

  /// What the carrier could not read, or a connection that broke.
  public Uni<Void> failed(WebSocketConnection socket, Throwable failure) {
    return switch (failure) {
      case HttpClosedException _ -> broken(socket);
      case IOException _ -> broken(socket);
      case CorruptedWebSocketFrameException corrupt -> close(socket, corrupt.closeStatus().code());
      // what should be compressed and is not, or the like
      case DecoderException _ -> close(socket, Outbound.NOT_READABLE);
      // how Vert.x tells of a message over its limit
      case IllegalStateException _ -> close(socket, Outbound.TOO_BIG);
      default -> {
        Defects.log(Fields.ofConnection(socket.id()), "A socket", failure);
        yield close(socket, Outbound.INTERNAL_ERROR);
      }
    };
  }

  private Uni<Void> broken(WebSocketConnection socket) {
    forget(socket, Outbound.BROKEN);
    return done();
  }

  private Uni<Void> close(WebSocketConnection socket, int code) {
    forget(socket, code);
    return socket.isClosed() ? done() : socket.close(new CloseReason(code));
  }

  private void forget(WebSocketConnection socket, int code) {
    @Nullable Open known = open.remove(socket.id());
    if (known != null) {
      admission.addresses().leave(known.address());
      if (known.userId() != null) {
        admission.users().leave(known.userId());
      }
      known.standing().end();
      known.life().closed(code);
      known.heartbeat().stop();
      known.peer().closed();
    }
  }

  private static Uni<Void> done() {
    return Uni.createFrom().voidItem();
  }

  private record SocketOutbound(
      WebSocketConnection socket, ConnectionLife life, @Nullable Upstream upstream)
      implements Outbound {
    @Override
    public Fields fields() {
      return life.fields();
    }

    @Override
    public Uni<Void> send(String messages) {
      return Uni.createFrom()
          .deferred(() -> {
            life.sent();
            return socket.sendText(messages);
          });
    }

    @Override
    public void close(int code, String reason) {
      socket.close(new CloseReason(code, reason)).subscribe().with(_ -> {}, _ -> {});
    }
  }
}
