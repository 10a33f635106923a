package dev.parley.testing;

import dev.parley.loop.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// A loop on a virtual clock that other threads may give tasks to. Those run when the thread that
/// made it waits for them, which is the only real time that passes here.
public final class SharedLoop implements EventLoop {
  private static final int LIMIT_SECONDS = 20;

  private final Thread owner = Thread.currentThread();
  private final ManualEventLoop loop = new ManualEventLoop();
  private final BlockingQueue<Runnable> given = new LinkedBlockingQueue<>();

  @Override
  public void execute(Runnable task) {
    if (owner.equals(Thread.currentThread())) {
      loop.execute(task);
    } else {
      given.add(task);
    }
  }

  @Override
  public boolean inLoop() {
    return owner.equals(Thread.currentThread()) && loop.inLoop();
  }

  @Override
  public Instant now() {
    return loop.now();
  }

  @Override
  public long nanoTime() {
    return loop.nanoTime();
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    return loop.schedule(delay, task);
  }

  /// Runs a task here and now, and what comes of it.
  public void run(Runnable task) {
    loop.execute(task);
    loop.runUntilIdle();
  }

  /// Runs what is there and what other threads have given.
  public void runUntilIdle() {
    loop.runUntilIdle();
    for (Runnable task = given.poll(); task != null; task = given.poll()) {
      run(task);
    }
  }

  /// Lets virtual time pass.
  public void advance(Duration time) {
    runUntilIdle();
    loop.advance(time);
  }

  /// Waits for other threads until the condition holds.
  ///
  /// @throws AssertionError when it does not come to hold
  public void await(BooleanSupplier condition) {
    runUntilIdle();
    while (!condition.getAsBoolean()) {
      Runnable task;
      try {
        task = given.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      if (task == null) {
        throw new AssertionError("nobody gave this loop a task");
      }
      run(task);
    }
  }

  /// Timers that are set and neither cancelled nor due.
  public int timers() {
    return loop.timers();
  }
}
