package dev.parley.loop;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// How much somebody may still ask for: fills up evenly, to a bound. Not safe for use by several
/// threads at once.
public final class TokenBucket {
  private final long nanosPerToken;
  private final long savedNanosMax;
  private final LongSupplier nanoTime;

  /// Tokens, as the time in which they came in.
  private long saved;

  private long countedAt;

  private TokenBucket(long nanosPerToken, int burstMax, LongSupplier nanoTime) {
    this.nanosPerToken = nanosPerToken;
    this.savedNanosMax = burstMax * nanosPerToken;
    this.nanoTime = nanoTime;
    this.saved = savedNanosMax;
    this.countedAt = nanoTime.getAsLong();
  }

  /// @param perSecond tokens that come in
  /// @param burstMax tokens that are kept for later; there are so many at the beginning
  public static TokenBucket perSecond(int perSecond, int burstMax, LongSupplier nanoTime) {
    return new TokenBucket(
        Math.ceilDiv(TimeUnit.SECONDS.toNanos(1), perSecond), burstMax, nanoTime);
  }

  /// @param perMinute tokens that come in, and that are kept for later
  public static TokenBucket perMinute(int perMinute, LongSupplier nanoTime) {
    return new TokenBucket(
        Math.ceilDiv(TimeUnit.MINUTES.toNanos(1), perMinute), perMinute, nanoTime);
  }

  /// Takes a token, if there is one.
  public boolean take() {
    count();
    if (saved < nanosPerToken) {
      return false;
    }
    saved -= nanosPerToken;
    return true;
  }

  private void count() {
    long now = nanoTime.getAsLong();
    saved = Math.min(savedNanosMax, saved + now - countedAt);
    countedAt = now;
  }

  /// When there is a token again, if nobody takes one before; at least 1.
  public long waitMs() {
    return Math.max(1, Math.ceilDiv(nanosPerToken - saved, TimeUnit.MILLISECONDS.toNanos(1)));
  }

  /// Whether it is as it was made: whoever has another one in its place loses nothing.
  public boolean isFull() {
    count();
    return saved == savedNanosMax;
  }
}
