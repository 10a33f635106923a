package dev.parley.wire.rpc;

import dev.parley.wire.connection.ConnectionSettings;
import java.time.Duration;

/// Bounds of one connection of Effect RPC.
///
/// @param callsMax calls in flight; one more is refused. Each holds a subscription or a command
/// @param streamsMax of them that are streams; fewer, so that stopping a turn works when all of
///   them are open
/// @param lineBytesMax of one message; a longer one is dropped as it arrives and its call refused
/// @param garbageMax messages that cannot be read, before the connection is closed
/// @param gatheredCharsMax of an answer that is written in one piece
/// @param bodyTimeout how long the body of a request may take to arrive
/// @param connection those of every connection
public record RpcSettings(
    int callsMax,
    int streamsMax,
    int lineBytesMax,
    int garbageMax,
    int gatheredCharsMax,
    Duration bodyTimeout,
    ConnectionSettings connection) {

  /// Bytes of a line after which the connection is closed: the clients' own limit.
  static final int LINE_BYTES_CLOSE = 16 * 1024 * 1024;

  public static final RpcSettings DEFAULTS =
      new RpcSettings(
          256,
          250,
          2 * 1024 * 1024,
          100,
          8 * 1024 * 1024,
          Duration.ofSeconds(30),
          ConnectionSettings.DEFAULTS);

  public RpcSettings {
    if (streamsMax < 1 || streamsMax >= callsMax) {
      throw new IllegalArgumentException(
          "parley.rpc.streams-max is at least 1 and less than parley.rpc.calls-max");
    }
    if (lineBytesMax < 1 || lineBytesMax > LINE_BYTES_CLOSE) {
      throw new IllegalArgumentException("parley.rpc.line-bytes-max is 1 to " + LINE_BYTES_CLOSE);
    }
    if (garbageMax < 0 || gatheredCharsMax < 1) {
      throw new IllegalArgumentException("parley.rpc's limits are not negative");
    }
  }
}
