package dev.parley.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Has every event loop say from time to time that it runs. One that says nothing for long is
/// wedged: something blocks its thread, and its connections and sessions with it. Asked from any
/// other thread.
final class LoopWatch implements AutoCloseable {
  private static final Duration BEAT = Duration.ofSeconds(1);

  /// How many beats there are at least before a loop is given up.
  private static final int BEATS_MIN = 4;

  private final List<Beat> beats;
  private final LongSupplier nanoTime;

  /// A loop that has been silent.
  ///
  /// @param thread its thread's name
  record Silence(String thread, Duration since) {}

  /// @param loops each with a thread of its own
  /// @param silenceMax after which a loop is given up; more than a few beats
  /// @param nanoTime as [System#nanoTime]
  LoopWatch(
      Iterable<? extends ScheduledExecutorService> loops,
      Duration silenceMax,
      LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    Duration fewest = silenceMax.dividedBy(BEATS_MIN);
    Duration pause = fewest.compareTo(BEAT) < 0 ? fewest : BEAT;
    List<Beat> begun = new ArrayList<>();
    for (ScheduledExecutorService loop : loops) {
      begun.add(new Beat(loop, pause, nanoTime, begun.size()));
    }
    this.beats = List.copyOf(begun);
  }

  /// The loop that has been silent for the longest time.
  Optional<Silence> longest() {
    long now = nanoTime.getAsLong();
    return beats.stream()
        .map(beat -> new Silence(beat.thread, Duration.ofNanos(Math.max(0, now - beat.heardNanos))))
        .max(Comparator.comparing(Silence::since));
  }

  /// Ends the beats.
  @Override
  public void close() {
    beats.forEach(beat -> beat.task.cancel(false));
  }

  private static final class Beat {
    private final LongSupplier nanoTime;
    private final ScheduledFuture<?> task;
    private volatile long heardNanos;
    private volatile String thread;

    Beat(ScheduledExecutorService loop, Duration pause, LongSupplier nanoTime, int number) {
      this.nanoTime = nanoTime;
      this.heardNanos = nanoTime.getAsLong();
      this.thread = "number " + number;
      this.task =
          loop.scheduleWithFixedDelay(this::beat, 0, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void beat() {
      thread = Thread.currentThread().getName();
      heardNanos = nanoTime.getAsLong();
    }
  }
}
