package dev.parley.wire.connection;

import io.quarkus.websockets.next.CloseReason;
import io.quarkus.websockets.next.WebSocketConnection;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import org.jboss.logging.Logger;

/// Pings a socket and closes one that has gone silent: a peer that vanished without a word would
/// else hold its subscriptions until TCP gives up. Used on the connection's context only.
final class Heartbeat {
  private static final Logger LOG = Logger.getLogger(Heartbeat.class);
  private static final CloseReason SILENT =
      new CloseReason(Outbound.GOING_AWAY, "No answer to a ping");

  private final Vertx vertx;
  private final WebSocketConnection connection;
  private final Runnable silent;
  private final long pongTimeoutMs;
  private final long timer;

  /// When the answer to the last ping is due.
  private long answer = -1;

  private boolean heard;
  private boolean stopped;

  /// @param silent runs once the connection is given up, and before it is closed: a peer that is
  ///   gone does not answer the close either
  Heartbeat(
      Vertx vertx, WebSocketConnection connection, ConnectionSettings settings, Runnable silent) {
    this.vertx = vertx;
    this.silent = silent;
    this.connection = connection;
    this.pongTimeoutMs = settings.pongTimeout().toMillis();
    this.timer = vertx.setPeriodic(settings.pingInterval().toMillis(), _ -> ping());
  }

  /// Something came in.
  void heard() {
    heard = true;
  }

  void stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    vertx.cancelTimer(answer);
  }

  private void ping() {
    heard = false;
    connection.sendPing(Buffer.buffer()).subscribe().with(_ -> {}, _ -> {});
    answer = vertx.setTimer(pongTimeoutMs, _ -> closeIfSilent());
  }

  private void closeIfSilent() {
    if (!heard && !stopped) {
      LOG.debugf("Closing connection %s: it did not answer a ping", connection.id());
      silent.run();
      connection.close(SILENT).subscribe().with(_ -> {}, _ -> {});
    }
  }
}
