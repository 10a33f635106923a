package dev.parley.wire.rpc;

import dev.parley.wire.connection.ConnectionSettings;

/// Bounds of one connection of Effect RPC.
///
/// @param callsMax calls in flight; one more is refused. Each holds a subscription or a command
/// @param lineBytesMax of one message; a longer one is dropped as it arrives and its call refused
/// @param connection those of every connection
public record RpcSettings(int callsMax, int lineBytesMax, ConnectionSettings connection) {

  /// Bytes of a line after which the connection is closed: the clients' own limit.
  static final int LINE_BYTES_CLOSE = 16 * 1024 * 1024;

  public static final RpcSettings DEFAULTS =
      new RpcSettings(256, 2 * 1024 * 1024, ConnectionSettings.DEFAULTS);

  public RpcSettings {
    if (callsMax < 1) {
      throw new IllegalArgumentException("a connection needs room for a call");
    }
    if (lineBytesMax < 1 || lineBytesMax > LINE_BYTES_CLOSE) {
      throw new IllegalArgumentException("lineBytesMax is 1 to " + LINE_BYTES_CLOSE);
    }
  }
}
