package dev.parley.wire.rpc;

import java.time.Duration;

/// Bounds of one connection.
///
/// @param callsMax calls in flight; one more is refused. Each holds a subscription or a command
/// @param lineBytesMax of one message; a longer one is dropped as it arrives and its call refused
/// @param unwrittenCharsMax characters that wait behind a write; with more, the client does not
///   read and is disconnected
/// @param pingInterval how often a socket is pinged
/// @param pongTimeout a socket silent for so long after a ping is closed; less than `pingInterval`
public record RpcSettings(
    int callsMax,
    int lineBytesMax,
    int unwrittenCharsMax,
    Duration pingInterval,
    Duration pongTimeout) {

  /// Bytes of a line after which the connection is closed: the clients' own limit.
  static final int LINE_BYTES_CLOSE = 16 * 1024 * 1024;

  public static final RpcSettings DEFAULTS =
      new RpcSettings(
          256, 2 * 1024 * 1024, 32 * 1024 * 1024, Duration.ofSeconds(15), Duration.ofSeconds(10));

  public RpcSettings {
    if (callsMax < 1 || unwrittenCharsMax < 1) {
      throw new IllegalArgumentException("a connection needs room for a call and its answer");
    }
    if (lineBytesMax < 1 || lineBytesMax > LINE_BYTES_CLOSE) {
      throw new IllegalArgumentException("lineBytesMax is 1 to " + LINE_BYTES_CLOSE);
    }
    if (pongTimeout.compareTo(pingInterval) >= 0) {
      throw new IllegalArgumentException("pongTimeout is less than pingInterval");
    }
  }
}
