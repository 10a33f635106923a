package dev.parley.actor;

import java.time.Duration;

/// Since when an actor waits for one and the same answer of the store. Written on its loop, read
/// from any thread: whoever asks must learn it when that loop is stuck.
final class Pace {
  private static final long GOES_ON = Long.MIN_VALUE;

  private volatile long phaseSinceNanos = GOES_ON;
  private volatile long lookUpSinceNanos = GOES_ON;

  /// The actor enters a phase, or has had an answer in it and asks again.
  void enters(Phase phase, long nanos) {
    phaseSinceNanos = phase.isWaiting() ? nanos : GOES_ON;
  }

  /// It looks something up, beside the phase.
  void looksUp(long nanos) {
    lookUpSinceNanos = nanos;
  }

  boolean isLookingUp() {
    return lookUpSinceNanos != GOES_ON;
  }

  void hasLookedUp() {
    lookUpSinceNanos = GOES_ON;
  }

  /// @return how long it has waited; zero when it goes on
  Duration waited(long nanos) {
    return Duration.ofNanos(
        Math.max(since(phaseSinceNanos, nanos), since(lookUpSinceNanos, nanos)));
  }

  private static long since(long begin, long nanos) {
    return begin == GOES_ON ? 0 : Math.max(0, nanos - begin);
  }
}
