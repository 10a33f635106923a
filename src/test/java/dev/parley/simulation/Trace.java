package dev.parley.simulation;

import dev.parley.testing.ManualEventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// What happened in a run, in words, for whoever looks at one seed. Says nothing unless it is asked
/// to.
final class Trace {
  private final boolean on;
  private final ManualEventLoop clock;
  private final Instant begin;
  private final List<String> lines = new ArrayList<>();

  Trace(boolean on, ManualEventLoop clock) {
    this.on = on;
    this.clock = clock;
    this.begin = clock.now();
  }

  void say(Supplier<String> what) {
    if (on) {
      Duration since = Duration.between(begin, clock.now());
      lines.add("%8.3f s  %s".formatted(since.toMillis() / 1000.0, what.get()));
    }
  }

  List<String> lines() {
    return List.copyOf(lines);
  }
}
