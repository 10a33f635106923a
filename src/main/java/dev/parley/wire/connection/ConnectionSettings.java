package dev.parley.wire.connection;

import java.time.Duration;

/// Bounds of every connection, whatever is spoken on it.
///
/// @param unwrittenCharsMax characters that wait behind a write; with more, the client does not
///   read and is disconnected
/// @param pingInterval how often a socket is pinged
/// @param pongTimeout a socket silent for so long after a ping is closed; less than `pingInterval`
public record ConnectionSettings(
    int unwrittenCharsMax, Duration pingInterval, Duration pongTimeout) {

  public static final ConnectionSettings DEFAULTS =
      new ConnectionSettings(32 * 1024 * 1024, Duration.ofSeconds(15), Duration.ofSeconds(10));

  public ConnectionSettings {
    if (unwrittenCharsMax < 1) {
      throw new IllegalArgumentException("a connection needs room for an answer");
    }
    if (pongTimeout.compareTo(pingInterval) >= 0) {
      throw new IllegalArgumentException("pongTimeout is less than pingInterval");
    }
  }
}
