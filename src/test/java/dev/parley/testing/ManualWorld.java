package dev.parley.testing;

import dev.parley.loop.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The clock, the timers and the order of tasks that manual loops share.
final class ManualWorld {
  private static final Instant BEGIN = Instant.parse("2030-01-01T00:00:00Z");

  /// The clock without a date overflows after three seconds: whoever compares its readings instead
  /// of their difference is found out.
  private static final long NANO_TIME_BEGIN = Long.MAX_VALUE - Duration.ofSeconds(3).toNanos();

  /// Far more tasks than any test needs at one moment.
  private static final int TASKS_AT_ONCE_MAX = 10_000_000;

  private static final long LATE_NANOS_MAX = Duration.ofMillis(1).toNanos();

  private static final class Alarm implements EventLoop.Timer {
    private final long dueNanos;
    private final long number;
    private final ManualEventLoop loop;
    private final Runnable body;
    private boolean over;

    Alarm(long dueNanos, long number, ManualEventLoop loop, Runnable body) {
      this.dueNanos = dueNanos;
      this.number = number;
      this.loop = loop;
      this.body = body;
    }

    @Override
    public void cancel() {
      over = true;
    }

    boolean isSet() {
      return !over && !loop.isDead();
    }

    void ring() {
      if (!over) {
        over = true;
        body.run();
      }
    }
  }

  private final Thread owner = Thread.currentThread();
  private final @Nullable Random random;
  private final PriorityQueue<Alarm> alarms =
      new PriorityQueue<>(
          Comparator.<Alarm>comparingLong(alarm -> alarm.dueNanos)
              .thenComparingLong(alarm -> alarm.number));
  private final List<Throwable> failures = new ArrayList<>();

  /// Without a seed: which loop each waiting task is for, oldest first. Tasks of a loop that was
  /// killed are gone and leave their places.
  private final Deque<ManualEventLoop> order = new ArrayDeque<>();

  /// With a seed: the loops that have tasks and are not frozen, any of which may be next.
  private final List<ManualEventLoop> ready = new ArrayList<>();

  private @Nullable ManualEventLoop running;
  private int loopCount;
  private long nanos;
  private long alarmCount;
  private long fingerprint;

  ManualWorld(@Nullable Long seed) {
    random = seed == null ? null : new Random(seed);
  }

  /// Gives the next loop its number.
  int add() {
    return ++loopCount;
  }

  void give(ManualEventLoop loop, Runnable task) {
    mine();
    if (loop.isDead()) {
      return;
    }
    loop.tasks().add(task);
    if (random == null) {
      order.add(loop);
    } else if (loop.tasks().size() == 1 && !loop.isFrozen()) {
      ready.add(loop);
    }
  }

  void freeze(ManualEventLoop loop) {
    mine();
    if (random == null) {
      throw new IllegalStateException("without a seed tasks run in the order they were given");
    }
    ready.remove(loop);
  }

  void thaw(ManualEventLoop loop) {
    mine();
    if (!loop.tasks().isEmpty()) {
      ready.add(loop);
    }
  }

  void kill(ManualEventLoop loop) {
    mine();
    if (running == loop) {
      throw new IllegalStateException("a task cannot kill the loop it runs on");
    }
    loop.tasks().clear();
    ready.remove(loop);
  }

  boolean isRunning(ManualEventLoop loop) {
    return Thread.currentThread().equals(owner) && running == loop;
  }

  Instant now() {
    return BEGIN.plusNanos(nanos).truncatedTo(ChronoUnit.MILLIS);
  }

  long nanoTime() {
    return NANO_TIME_BEGIN + nanos;
  }

  long fingerprint() {
    return fingerprint;
  }

  EventLoop.Timer schedule(ManualEventLoop loop, Duration delay, Runnable task) {
    mine();
    long late = random == null ? 0 : random.nextLong(LATE_NANOS_MAX);
    long due = nanos + Math.max(0, delay.toNanos()) + late;
    Alarm alarm = new Alarm(due, alarmCount++, loop, task);
    if (!loop.isDead()) {
      alarms.add(alarm);
    }
    return alarm;
  }

  void runUntilIdle() {
    runTasks();
    rethrow();
  }

  void advance(Duration time) {
    long end = nanos + time.toNanos();
    runTasks();
    for (Alarm next = nextAlarm(); next != null && next.dueNanos <= end; next = nextAlarm()) {
      passTo(next.dueNanos);
      runTasks();
    }
    nanos = end;
    rethrow();
  }

  boolean step() {
    notInside();
    if (runOne()) {
      rethrow();
      return true;
    }
    Alarm next = nextAlarm();
    if (next == null) {
      return false;
    }
    passTo(next.dueNanos);
    return true;
  }

  void runUntil(BooleanSupplier condition, Duration limit) {
    long end = nanos + limit.toNanos();
    for (int steps = 0; !condition.getAsBoolean(); steps++) {
      if (nanos > end || steps > TASKS_AT_ONCE_MAX) {
        throw new AssertionError("did not come to hold within " + limit);
      }
      if (!step()) {
        throw new AssertionError("does not hold and nothing is left to happen");
      }
    }
  }

  int timers() {
    return (int) alarms.stream().filter(Alarm::isSet).count();
  }

  private void runTasks() {
    notInside();
    for (int count = 0; runOne(); count++) {
      if (count == TASKS_AT_ONCE_MAX) {
        throw new AssertionError("tasks give one another work without end");
      }
    }
  }

  private boolean runOne() {
    ManualEventLoop loop = choose();
    if (loop == null) {
      return false;
    }
    Runnable task = loop.tasks().remove();
    fingerprint = (fingerprint * 31 + loop.number()) * 31 + nanos;
    running = loop;
    try {
      task.run();
    } catch (Throwable failure) {
      synchronized (failures) {
        failures.add(failure);
      }
    } finally {
      running = null;
    }
    return true;
  }

  private @Nullable ManualEventLoop choose() {
    if (random == null) {
      ManualEventLoop oldest = order.poll();
      while (oldest != null && oldest.tasks().isEmpty()) {
        oldest = order.poll();
      }
      return oldest;
    }
    if (ready.isEmpty()) {
      return null;
    }
    int place = random.nextInt(ready.size());
    ManualEventLoop chosen = ready.get(place);
    if (chosen.tasks().size() == 1) {
      ready.set(place, ready.getLast());
      ready.removeLast();
    }
    return chosen;
  }

  private @Nullable Alarm nextAlarm() {
    while (!alarms.isEmpty() && !alarms.peek().isSet()) {
      alarms.remove();
    }
    return alarms.peek();
  }

  /// Moves the clock on and turns what is due into tasks.
  private void passTo(long dueNanos) {
    nanos = dueNanos;
    for (Alarm next = nextAlarm(); next != null && next.dueNanos <= nanos; next = nextAlarm()) {
      Alarm due = alarms.remove();
      give(due.loop, due::ring);
    }
  }

  private void mine() {
    if (!Thread.currentThread().equals(owner)) {
      var escaped =
          new IllegalStateException(
              "a manual loop was used by thread " + Thread.currentThread().getName());
      synchronized (failures) {
        failures.add(escaped);
      }
      throw escaped;
    }
  }

  private void notInside() {
    mine();
    if (running != null) {
      throw new IllegalStateException("a task cannot run the loop it runs on");
    }
  }

  private void rethrow() {
    synchronized (failures) {
      if (!failures.isEmpty()) {
        AssertionError error =
            new AssertionError(failures.size() + " task(s) failed", failures.getFirst());
        failures.stream().skip(1).forEach(error::addSuppressed);
        failures.clear();
        throw error;
      }
    }
  }
}
