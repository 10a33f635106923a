package dev.parley.wire.rpc;

import io.smallrye.mutiny.Uni;

/// The way out of a connection.
interface Outbound {
  int NORMAL = 1000;
  int POLICY_VIOLATION = 1008;
  int TOO_BIG = 1009;
  int INTERNAL_ERROR = 1011;

  /// Writes whole lines. Completes, on any thread, when they are with the operating system. Called
  /// again only after that.
  Uni<Void> send(String lines);

  /// Ends the connection: with [#NORMAL] after everything was sent, else at once.
  ///
  /// @param code a WebSocket close code
  void close(int code, String reason);
}
