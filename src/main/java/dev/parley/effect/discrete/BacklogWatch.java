package dev.parley.effect.discrete;

import dev.parley.loop.EventLoop;
import dev.parley.store.EffectBacklog;
import dev.parley.store.EffectBacklog.Backlog;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Looks at the outbox from time to time, for the numbers that operators see: nobody who reads them
/// makes the database work. It knows by the same look whether the store answers.
public final class BacklogWatch {
  private static final long AWAY = Long.MIN_VALUE;

  private final EffectBacklog backlog;
  private final EventLoop loop;
  private final Settings settings;
  private EventLoop.@Nullable Timer next;
  private boolean running;

  /// What was seen last; absent: the store did not answer, or was not asked yet.
  private volatile @Nullable Backlog seen;

  /// From when on it has answered each time.
  private volatile long answersSinceNanos = AWAY;

  /// @param interval between two looks
  /// @param countMax effects that are counted
  public record Settings(Duration interval, int countMax) {}

  public BacklogWatch(
      EffectBacklog backlog, EventLoop loop, MeterRegistry metrics, Settings settings) {
    this.backlog = backlog;
    this.loop = loop;
    this.settings = settings;
    Gauge.builder("parley.outbox.unfinished", this, w -> w.number(b -> (double) b.unfinished()))
        .description("Discrete effects that are pending or executing, of all nodes")
        .register(metrics);
    Gauge.builder("parley.outbox.failed", this, w -> w.number(b -> (double) b.failed()))
        .description("Discrete effects that were given up and not run again, of all nodes")
        .register(metrics);
    Gauge.builder("parley.outbox.oldest.age", this, w -> w.number(b -> seconds(b.oldest())))
        .description("Age of the oldest unfinished effect")
        .baseUnit("seconds")
        .register(metrics);
    Gauge.builder("parley.database.up", this, w -> w.seen == null ? 0 : 1)
        .description("Whether the database answered when it was asked last")
        .register(metrics);
  }

  private interface Number {
    double of(Backlog backlog);
  }

  /// Nothing is known while the store is away.
  private double number(Number number) {
    Backlog last = seen;
    return last == null ? Double.NaN : number.of(last);
  }

  private static double seconds(Duration duration) {
    return (double) duration.toMillis() / TimeUnit.SECONDS.toMillis(1);
  }

  /// Starts with a look. Once is enough.
  public void start() {
    loop.execute(() -> {
      if (!running) {
        running = true;
        look();
      }
    });
  }

  /// Stopping twice is fine.
  public void stop() {
    loop.execute(() -> {
      running = false;
      if (next != null) {
        next.cancel();
      }
    });
  }

  /// How long the store has answered whenever it was asked; zero while it does not. From any
  /// thread.
  public Duration answersFor() {
    long since = answersSinceNanos;
    return since == AWAY ? Duration.ZERO : Duration.ofNanos(loop.nanoTime() - since);
  }

  private void look() {
    backlog
        .read(settings.countMax())
        .subscribe()
        .with(
            found ->
                loop.execute(() -> {
                  seen = found;
                  if (answersSinceNanos == AWAY) {
                    answersSinceNanos = loop.nanoTime();
                  }
                  again();
                }),
            // who needs the store to work says so
            _ ->
                loop.execute(() -> {
                  seen = null;
                  answersSinceNanos = AWAY;
                  again();
                }));
  }

  private void again() {
    if (running) {
      next = loop.schedule(settings.interval(), this::look);
    }
  }
}
