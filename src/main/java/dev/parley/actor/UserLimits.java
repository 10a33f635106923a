package dev.parley.actor;

import dev.parley.loop.TokenBucket;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/// What one user may have of a node, whoever asks for it. Used from any thread.
public final class UserLimits {
  private final Settings settings;
  private final LongSupplier nanoTime;

  /// Of users who have sent something of late, the one longest ago first.
  private final LinkedHashMap<String, TokenBucket> sends = new LinkedHashMap<>(16, 0.75f, true);

  /// @param sendsPerMinute sends and regenerations of one user; 0: as many as may be
  /// @param sessionsMax sessions of one user; 0: as many as may be
  /// @param rememberedMax users whose sends are counted at once; beyond, the one who sent longest
  ///   ago begins anew
  public record Settings(int sendsPerMinute, int sessionsMax, int rememberedMax) {
    /// For who has nobody to fear.
    public static final Settings NONE = new Settings(0, 0, 1);

    public Settings {
      if (sendsPerMinute < 0 || sessionsMax < 0 || rememberedMax < 1) {
        throw new IllegalArgumentException("parley.user's limits are not negative");
      }
    }
  }

  /// @param nanoTime as [System#nanoTime]
  public UserLimits(Settings settings, LongSupplier nanoTime) {
    this.settings = settings;
    this.nanoTime = nanoTime;
  }

  int sessionsMax() {
    return settings.sessionsMax();
  }

  /// Counts a send.
  ///
  /// @throws RefusedException with [Refusal.LimitExceeded] when it is one too many
  void send(String userId) {
    if (settings.sendsPerMinute() == 0) {
      return;
    }
    long waitMs = take(userId);
    if (waitMs > 0) {
      throw new RefusedException(
          new Refusal.LimitExceeded(
              "userSends",
              "A user sends at most " + settings.sendsPerMinute() + " messages a minute.",
              waitMs));
    }
  }

  /// @return 0, or how long to wait for the next
  private synchronized long take(String userId) {
    TokenBucket bucket =
        sends.computeIfAbsent(
            userId, _ -> TokenBucket.perMinute(settings.sendsPerMinute(), nanoTime));
    long waitMs = bucket.take() ? 0 : bucket.waitMs();
    forget();
    return waitMs;
  }

  /// Who has been quiet until his bucket was full again is as one who never was here.
  private void forget() {
    Iterator<Map.Entry<String, TokenBucket>> eldest = sends.entrySet().iterator();
    while (eldest.hasNext()) {
      if (!eldest.next().getValue().isFull() && sends.size() <= settings.rememberedMax()) {
        return;
      }
      eldest.remove();
    }
  }

  synchronized int remembered() {
    return sends.size();
  }

  RefusedException tooManySessions() {
    return new RefusedException(
        new Refusal.LimitExceeded(
            "userSessions", "A user has at most " + settings.sessionsMax() + " sessions.", null));
  }
}
