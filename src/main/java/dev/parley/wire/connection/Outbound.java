package dev.parley.wire.connection;

import dev.parley.log.Fields;
import dev.parley.trace.Upstream;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/// The way out of a connection.
public interface Outbound {
  /// Close codes of RFC 6455, section 7.4.1.
  int NORMAL = 1000;

  /// The node stops, or gives up a peer that does not answer.
  int GOING_AWAY = 1001;

  /// Never said, only found: the connection broke.
  int BROKEN = 1006;

  /// What came is no message.
  int NOT_READABLE = 1007;

  int POLICY_VIOLATION = 1008;
  int TOO_BIG = 1009;
  int INTERNAL_ERROR = 1011;

  /// What a line of the log about the connection carries.
  default Fields fields() {
    return Fields.NONE;
  }

  /// The trace that the client said it is in when it connected; absent: none.
  default @Nullable Upstream upstream() {
    return null;
  }

  /// Writes whole messages. Completes, on any thread, when they are with the operating system.
  /// Called again only after that.
  Uni<Void> send(String messages);

  /// Ends the connection: with [#NORMAL] after everything was sent, else at once.
  ///
  /// @param code a WebSocket close code
  void close(int code, String reason);
}
