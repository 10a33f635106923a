package dev.parley.loop;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// Runs tasks in order, one at a time, on another serial executor, and asks that one once for many
/// of them: those that are given while a turn is waited for share it. A task never runs inside
/// [#execute]. Tasks are given from any thread; one that throws does not stop those behind it, and
/// an [Error] ends its turn alone, by way of the carrier. A carrier that takes nothing in any more
/// says so to whoever gives a task.
///
/// A turn has at most [#TURN_TASKS_MAX] tasks, so that the carrier's other work, reading from
/// sockets above all, gets its turns too.
public final class BatchedExecutor implements Executor {
  static final int TURN_TASKS_MAX = 256;

  private final Executor carrier;
  private final Consumer<RuntimeException> failures;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean asked = new AtomicBoolean();

  /// @param carrier runs tasks later, one at a time, in order
  /// @param failures told of each task that throws, on the carrier
  public BatchedExecutor(Executor carrier, Consumer<RuntimeException> failures) {
    this.carrier = carrier;
    this.failures = failures;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    ask();
  }

  private void ask() {
    if (asked.compareAndSet(false, true)) {
      try {
        carrier.execute(this::turn);
      } catch (RuntimeException closed) {
        asked.set(false);
        throw closed;
      }
    }
  }

  private void turn() {
    try {
      Runnable task = tasks.poll();
      for (int ran = 1; task != null; ran++) {
        run(task);
        task = ran < TURN_TASKS_MAX ? tasks.poll() : null;
      }
    } finally {
      asked.set(false);
      if (!tasks.isEmpty()) {
        ask();
      }
    }
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      failures.accept(e);
    }
  }
}
