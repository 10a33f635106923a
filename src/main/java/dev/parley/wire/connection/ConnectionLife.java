package dev.parley.wire.connection;

import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// One connection from its beginning to its end, as it is counted and logged. On the connection's
/// context.
///
/// Sockets are logged for everybody to see; an exchange over HTTP is one of many that a client
/// makes, and is logged at DEBUG.
public final class ConnectionLife {
  private static final FieldLog LOG = FieldLog.of(ConnectionLife.class);

  /// Whether its messages are counted, and its beginning and end are news.
  enum Sort {
    SOCKET,
    EXCHANGE
  }

  private final WireMetrics.Endpoint endpoint;
  private final Fields fields;
  private final Sort sort;
  private final long begunNanos = System.nanoTime();
  private long received;
  private long sent;

  ConnectionLife(WireMetrics.Endpoint endpoint, String id, Sort sort) {
    this.endpoint = endpoint;
    this.fields = Fields.ofConnection(id);
    this.sort = sort;
    log("Connection to %s opened", endpoint.path());
  }

  /// What a line of the log about it carries.
  public Fields fields() {
    return fields;
  }

  /// A message of the client came in.
  void received() {
    received++;
  }

  /// A message is on its way to the client.
  void sent() {
    sent++;
  }

  /// It is over; once.
  ///
  /// @param code a WebSocket close code, whoever said it; over HTTP the one that comes nearest
  public void closed(int code) {
    long lastedNanos = System.nanoTime() - begunNanos;
    endpoint.ended(code, lastedNanos);
    if (sort == Sort.SOCKET) {
      endpoint.messages(received, sent);
      log(
          "Connection to %s closed with %d (%s) after %s s, %d messages received, %d sent",
          endpoint.path(), code, word(code), seconds(lastedNanos), received, sent);
    } else {
      log(
          "Connection to %s closed with %d after %s s",
          endpoint.path(), code, seconds(lastedNanos));
    }
  }

  private void log(String format, Object... arguments) {
    if (sort == Sort.SOCKET) {
      LOG.infof(fields, format, arguments);
    } else {
      LOG.debugf(fields, format, arguments);
    }
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.3f", (double) nanos / TimeUnit.SECONDS.toNanos(1));
  }

  /// What a code says. The words that came with it may be a client's.
  private static String word(int code) {
    return switch (code) {
      case Outbound.NORMAL -> "normal";
      case Outbound.GOING_AWAY -> "going away, or silent";
      case 1005 -> "without a word";
      case Outbound.BROKEN -> "broken";
      case Outbound.POLICY_VIOLATION -> "against the rules";
      case Outbound.TOO_BIG -> "message too big";
      case Outbound.INTERNAL_ERROR -> "defect";
      case 1012 -> "restart";
      default -> "other";
    };
  }
}
