package dev.parley.agent.turn;

import dev.parley.agent.turn.ModelAgent.Retries;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// When a call that has failed is made again.
final class Retrying {
  /// How often the pause doubles: a thousand times the first is longer than any that is allowed.
  private static final int DOUBLED_MAX = 10;

  private final Retries retries;
  private int made;
  private Duration waited = Duration.ZERO;

  Retrying(Retries retries) {
    this.retries = retries;
  }

  /// The call has come to its end: the next one begins anew.
  void answered() {
    made = 0;
    waited = Duration.ZERO;
  }

  /// How long to wait before the call is made again; absent: it is not.
  ///
  /// @param wanted when the provider wants to be asked again; absent: it does not say
  @Nullable Duration next(@Nullable Duration wanted) {
    if (made == retries.max()) {
      return null;
    }
    long doubled = retries.pauseMin().toNanos() << Math.min(made, DOUBLED_MAX);
    // not all who were refused together come back together
    Duration pause =
        Duration.ofNanos(doubled / 2 + ThreadLocalRandom.current().nextLong(doubled / 2 + 1));
    if (wanted != null && wanted.compareTo(pause) > 0) {
      pause = wanted;
    }
    if (waited.plus(pause).compareTo(retries.waitMax()) > 0) {
      return null;
    }
    made++;
    waited = waited.plus(pause);
    return pause;
  }
}
