package dev.parley.wire.connection;

import dev.parley.loop.TokenBucket;
import java.time.Duration;
import java.util.function.LongSupplier;

/// Bounds of every connection, whatever is spoken on it.
///
/// @param unwrittenCharsMax characters that wait behind a write; with more, the client does not
///   read and is disconnected
/// @param pingInterval how often a socket is pinged
/// @param pongTimeout a socket silent for so long after a ping is closed; less than `pingInterval`
/// @param framesPerSecondMax messages of a client
/// @param framesBurstMax messages that may come at once after a pause
public record ConnectionSettings(
    int unwrittenCharsMax,
    Duration pingInterval,
    Duration pongTimeout,
    int framesPerSecondMax,
    int framesBurstMax) {

  public static final ConnectionSettings DEFAULTS =
      new ConnectionSettings(
          32 * 1024 * 1024, Duration.ofSeconds(15), Duration.ofSeconds(10), 5_000, 10_000);

  public ConnectionSettings {
    if (unwrittenCharsMax < 1) {
      throw new IllegalArgumentException("a connection needs room for an answer");
    }
    if (framesPerSecondMax < 1 || framesBurstMax < 1) {
      throw new IllegalArgumentException("a client needs to say something");
    }
    if (pongTimeout.compareTo(pingInterval) >= 0) {
      throw new IllegalArgumentException("pongTimeout is less than pingInterval");
    }
  }

  /// What one connection may send.
  public TokenBucket frames(LongSupplier nanoTime) {
    return TokenBucket.perSecond(framesPerSecondMax, framesBurstMax, nanoTime);
  }
}
