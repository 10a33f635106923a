package dev.parley.wire.connection;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// How much one connection may still ask for: fills up evenly, to a bound. Used on the connection's
/// context only.
public final class TokenBucket {
  private final long nanosPerToken;
  private final long savedNanosMax;
  private final LongSupplier nanoTime;

  /// Tokens, as the time in which they came in.
  private long saved;

  private long countedAt;

  /// @param perSecond tokens that come in
  /// @param burstMax tokens that are kept for later; there are so many at the beginning
  public TokenBucket(int perSecond, int burstMax, LongSupplier nanoTime) {
    this.nanosPerToken = Math.ceilDiv(TimeUnit.SECONDS.toNanos(1), perSecond);
    this.savedNanosMax = burstMax * nanosPerToken;
    this.nanoTime = nanoTime;
    this.saved = savedNanosMax;
    this.countedAt = nanoTime.getAsLong();
  }

  /// Takes a token, if there is one.
  public boolean take() {
    long now = nanoTime.getAsLong();
    saved = Math.min(savedNanosMax, saved + now - countedAt);
    countedAt = now;
    if (saved < nanosPerToken) {
      return false;
    }
    saved -= nanosPerToken;
    return true;
  }

  /// When there is a token again, if nobody takes one before; at least 1.
  public long waitMs() {
    return Math.max(1, Math.ceilDiv(nanosPerToken - saved, TimeUnit.MILLISECONDS.toNanos(1)));
  }
}
