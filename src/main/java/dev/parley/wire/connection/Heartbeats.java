package dev.parley.wire.connection;

import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import io.quarkus.websockets.next.CloseReason;
import io.quarkus.websockets.next.WebSocketConnection;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Pings sockets and gives up those that have gone silent: a peer that vanished without a word
/// would else hold its subscriptions until TCP gives up.
///
/// A timing wheel that goes round once in a ping interval. The sockets are spread over its slots,
/// so that ten thousand of them need one timer and are not pinged at once. The first ping of a
/// socket comes within an interval, the next ones an interval apart. A socket has its time to
/// answer from when it was pinged on, however late that was. The wheel turns while there are
/// sockets.
///
/// Safe for use by any thread.
final class Heartbeats {
  private static final FieldLog LOG = FieldLog.of(Heartbeats.class);
  private static final CloseReason SILENT =
      new CloseReason(Outbound.GOING_AWAY, "No answer to a ping");
  private static final int SLOTS_MAX = 60;

  /// A wheel that is late catches up; one that has stood still for longer than so many slots does
  /// not: the pings of all that time would go out at once.
  private static final int LATE_SLOTS_MAX = 2;

  private final Vertx vertx;

  /// Where the wheel turns; no socket's own, which would be kept.
  private final Context home;

  private final long slotNanos;
  private final long answerNanos;
  private final List<Set<Heartbeat>> slots;

  /// Slots from a ping to the moment at which it must have been answered.
  private final int answerSlots;

  private int sockets;
  private int joined;
  private int now;
  private boolean turning;
  private long dueNanos;

  Heartbeats(Vertx vertx, ConnectionSettings settings) {
    long intervalMs = settings.pingInterval().toMillis();
    long slotMs = Math.ceilDiv(intervalMs, SLOTS_MAX);
    this.vertx = vertx;
    this.home = vertx.getOrCreateContext();
    this.slotNanos = TimeUnit.MILLISECONDS.toNanos(slotMs);
    this.answerNanos = settings.pongTimeout().toNanos();
    this.slots =
        Stream.<Set<Heartbeat>>generate(HashSet::new)
            .limit(Math.ceilDiv(intervalMs, slotMs))
            .toList();
    this.answerSlots = (int) Math.ceilDiv(settings.pongTimeout().toMillis(), slotMs);
  }

  /// From now on the socket is pinged.
  ///
  /// @param context runs tasks on the socket's context
  /// @param silent run there once the socket is given up, and before it is closed: a peer that is
  ///   gone does not answer the close either
  synchronized Heartbeat join(WebSocketConnection socket, Executor context, Runnable silent) {
    Set<Heartbeat> slot = slots.get(Math.floorMod(joined++, slots.size()));
    Heartbeat heartbeat = new Heartbeat(socket, context, silent, slot);
    slot.add(heartbeat);
    sockets++;
    if (!turning) {
      turning = true;
      dueNanos = System.nanoTime() + slotNanos;
      home.runOnContext(_ -> arm(slotNanos));
    }
    return heartbeat;
  }

  private synchronized void leave(Heartbeat heartbeat) {
    if (heartbeat.slot.remove(heartbeat)) {
      sockets--;
    }
  }

  private void arm(long nanos) {
    long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
    long _ = vertx.setTimer(millis, _ -> turn());
  }

  private synchronized void turn() {
    if (sockets == 0) {
      turning = false;
      return;
    }
    long time = System.nanoTime();
    dueNanos = Math.max(dueNanos + slotNanos - time, -LATE_SLOTS_MAX * slotNanos) + time;
    arm(dueNanos - time);
    now = (now + 1) % slots.size();
    slots.get(Math.floorMod(now - answerSlots, slots.size())).forEach(Heartbeat::listen);
    slots.get(now).forEach(Heartbeat::beat);
  }

  /// One socket's. Its methods are called on the socket's context, unless they say otherwise.
  final class Heartbeat {
    private final WebSocketConnection socket;
    private final Executor context;
    private final Runnable silent;
    private final Set<Heartbeat> slot;

    /// Nothing came in since the last ping.
    private boolean waiting;

    private long pingedNanos;
    private boolean stopped;

    private Heartbeat(
        WebSocketConnection socket, Executor context, Runnable silent, Set<Heartbeat> slot) {
      this.socket = socket;
      this.context = context;
      this.silent = silent;
      this.slot = slot;
    }

    /// Something came in.
    void heard() {
      waiting = false;
    }

    /// The socket is pinged no more.
    void stop() {
      stopped = true;
      leave(this);
    }

    /// Called on any thread.
    private void beat() {
      context.execute(() -> {
        if (!stopped) {
          waiting = true;
          pingedNanos = System.nanoTime();
          socket.sendPing(Buffer.buffer()).subscribe().with(_ -> {}, _ -> {});
        }
      });
    }

    /// Called on any thread.
    private void listen() {
      context.execute(() -> {
        if (!waiting || stopped) {
          return;
        }
        long left = answerNanos - (System.nanoTime() - pingedNanos);
        if (left > 0) {
          // The socket's loop was busy, and pinged late.
          long millis = TimeUnit.NANOSECONDS.toMillis(left) + 1;
          long _ = vertx.setTimer(millis, _ -> listen());
          return;
        }
        LOG.debugf(
            Fields.ofConnection(socket.id()), "Closing the connection: it did not answer a ping");
        silent.run();
        socket.close(SILENT).subscribe().with(_ -> {}, _ -> {});
      });
    }
  }
}
