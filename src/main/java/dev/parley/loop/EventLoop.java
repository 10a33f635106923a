package dev.parley.loop;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;

/// A serial executor with a clock and timers.
///
/// Tasks run one at a time, in the order they were given, never inside [#execute] itself; what is
/// only touched by tasks of one loop needs no lock. A task that throws is reported and does not
/// stop the loop. No task may block.
public interface EventLoop extends Executor {

  /// Whether the caller is a task of this loop.
  boolean inLoop();

  /// The time of day, cut to milliseconds: what events and frames record.
  Instant now();

  /// Nanoseconds of a clock that only goes forward; meaningful as differences.
  long nanoTime();

  /// Runs the task on this loop once, not before `delay` has passed.
  Timer schedule(Duration delay, Runnable task);

  /// A task to come.
  interface Timer {
    /// Takes the task back; does nothing when it has run or was cancelled. Called on the loop, it
    /// is certain that the task does not run afterwards.
    void cancel();
  }
}
