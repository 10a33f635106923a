package dev.parley.app;

import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.BatchedExecutor;
import dev.parley.loop.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// An event loop of Vert.x: one context, always on the same thread.
final class VertxEventLoop implements EventLoop {
  private static final FieldLog LOG = FieldLog.of(VertxEventLoop.class);

  /// What no process lives to see.
  private static final Duration DELAY_MAX = Duration.ofDays(36_500);

  private final Vertx vertx;
  private final Context context;
  private final Executor tasks;

  /// @param context an event loop context of its own
  VertxEventLoop(Vertx vertx, Context context) {
    if (!context.isEventLoopContext()) {
      throw new IllegalArgumentException("a loop needs an event loop context");
    }
    this.vertx = vertx;
    this.context = context;
    this.tasks =
        new BatchedExecutor(turn -> context.runOnContext(_ -> turn.run()), VertxEventLoop::failed);
  }

  @Override
  public void execute(Runnable task) {
    tasks.execute(task);
  }

  @Override
  public boolean inLoop() {
    return context.equals(Vertx.currentContext());
  }

  @Override
  public Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  /// Vert.x counts in whole milliseconds from 1 on; the delay is rounded up. One beyond all time,
  /// as somebody may write who wants no limit, is cut.
  @Override
  public Timer schedule(Duration delay, Runnable task) {
    Duration cut = delay.compareTo(DELAY_MAX) < 0 ? delay : DELAY_MAX;
    long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(cut.toNanos() + 999_999));
    Pending pending = new Pending(task);
    context.runOnContext(_ -> pending.start(millis));
    return pending;
  }

  private static void failed(RuntimeException failure) {
    LOG.errorf(Fields.NONE, failure, "A task of the loop failed, the loop goes on");
  }

  /// A timer that can be cancelled before it has reached the loop.
  private final class Pending implements Timer {
    private static final long NONE = -1;

    private final Runnable task;
    private final AtomicBoolean open = new AtomicBoolean(true);
    private final AtomicLong id = new AtomicLong(NONE);

    Pending(Runnable task) {
      this.task = task;
    }

    void start(long millis) {
      if (open.get()) {
        id.set(vertx.setTimer(millis, _ -> fire()));
      }
    }

    private void fire() {
      if (open.compareAndSet(true, false)) {
        try {
          task.run();
        } catch (RuntimeException e) {
          failed(e);
        }
      }
    }

    @Override
    public void cancel() {
      if (open.compareAndSet(true, false)) {
        long started = id.get();
        if (started != NONE) {
          vertx.cancelTimer(started);
        }
      }
    }
  }
}
