package dev.parley.effect.discrete;

import dev.parley.log.Failures;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.store.EffectQueue;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Gives up effects that have expired and removes those that were completed long ago, on a schedule
/// and in batches. On the engine's loop.
public final class Upkeep {
  private static final FieldLog LOG = FieldLog.of(Upkeep.class);

  private final EffectQueue queue;
  private final EventLoop loop;
  private final Settings settings;
  private final Counter expired;
  private EventLoop.@Nullable Timer next;
  private boolean running;
  private boolean failing;

  /// @param interval between two rounds: how late an expiry is noticed
  /// @param batchMax effects in one statement
  /// @param retention how long completed effects are kept
  public record Settings(Duration interval, int batchMax, Duration retention) {}

  Upkeep(EffectQueue queue, EventLoop loop, MeterRegistry metrics, Settings settings) {
    this.queue = queue;
    this.loop = loop;
    this.settings = settings;
    this.expired =
        Counter.builder("parley.effects.expired")
            .description("Discrete effects given up because their time was over")
            .register(metrics);
  }

  void start() {
    running = true;
    expire();
  }

  void stop() {
    running = false;
    if (next != null) {
      next.cancel();
    }
  }

  private void expire() {
    batch(
        queue.expire(settings.batchMax()),
        given -> {
          if (given > 0) {
            expired.increment(given);
            LOG.warnf(Fields.NONE, "%d effects have expired and are given up", given);
          }
        },
        this::expire,
        this::remove);
  }

  private void remove() {
    batch(
        queue.removeCompleted(settings.retention(), settings.batchMax()),
        removed -> {
          if (removed > 0) {
            LOG.debugf(Fields.NONE, "%d completed effects were removed", removed);
          }
        },
        this::remove,
        this::schedule);
  }

  /// A full batch means that there may be more.
  private void batch(Uni<Integer> work, IntConsumer report, Runnable more, Runnable then) {
    work.subscribe()
        .with(
            count ->
                loop.execute(() -> {
                  failing = false;
                  report.accept(count);
                  if (running) {
                    (count == settings.batchMax() ? more : then).run();
                  }
                }),
            failure ->
                loop.execute(() -> {
                  failed(failure);
                  schedule();
                }));
  }

  private void failed(Throwable failure) {
    if (!failing) {
      failing = true;
      LOG.warnf(
          Fields.NONE,
          "The store does not let old effects go, tried again every %s: %s",
          settings.interval(),
          Failures.named(failure));
    }
  }

  private void schedule() {
    if (running) {
      next = loop.schedule(settings.interval(), this::expire);
    }
  }
}
