package dev.parley.testing.storm;

import java.time.Duration;

/// What clients have received, counted: how a storm sees that the world goes on.
final class Traffic {
  private long events;

  synchronized void count() {
    events++;
    notifyAll();
  }

  synchronized long events() {
    return events;
  }

  /// Waits until so many more events have come.
  ///
  /// @return whether they came in time
  synchronized boolean awaitMore(long more, Duration limit) throws InterruptedException {
    long wanted = events + more;
    long end = System.nanoTime() + limit.toNanos();
    while (events < wanted) {
      long leftMs = (end - System.nanoTime()) / 1_000_000;
      if (leftMs <= 0) {
        return false;
      }
      wait(leftMs);
    }
    return true;
  }
}
