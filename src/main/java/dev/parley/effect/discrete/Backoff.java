package dev.parley.effect.discrete;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// Pauses between attempts: doubled each time up to a limit, and half of it chance, so that what
/// failed together does not come back together.
final class Backoff {
  /// Doublings after which every sensible pause has reached its limit.
  private static final int DOUBLINGS_MAX = 32;

  private final long minMillis;
  private final long maxMillis;
  private final RandomGenerator random;

  /// @param min the whole of the first pause, at least a millisecond
  /// @param max the longest pause
  Backoff(Duration min, Duration max, RandomGenerator random) {
    this.minMillis = min.toMillis();
    this.maxMillis = max.toMillis();
    this.random = random;
    if (minMillis < 1 || maxMillis < minMillis || maxMillis > Long.MAX_VALUE >> DOUBLINGS_MAX) {
      throw new IllegalArgumentException(
          "pauses go from at least a millisecond up to a longer one");
    }
  }

  /// The pause after that many failed attempts.
  Duration after(int tries) {
    int doublings = Math.clamp(tries - 1L, 0, DOUBLINGS_MAX);
    long whole = minMillis > maxMillis >> doublings ? maxMillis : minMillis << doublings;
    long half = whole / 2;
    return Duration.ofMillis(whole - half + random.nextLong(half + 1));
  }
}
