package dev.parley.testing;

import dev.parley.loop.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;

/// An event loop on a virtual clock: nothing runs and no time passes but by the test's hand.
///
/// Loops made by [#sibling] share the clock, and their tasks interleave: in the order they were
/// given, or, with a seed, in an order that the seed decides. On each loop alone tasks always keep
/// their order, as the port promises. With a seed timers are also late by up to a millisecond, as
/// real ones are. The same seed and the same calls give the same run.
///
/// Belongs to the thread that made it: a task given by another one means that something escaped to
/// an executor of its own, and fails the run. A task that throws does not stop the loop; the call
/// that ran it throws once everything has run.
public final class ManualEventLoop implements EventLoop {
  private final ManualWorld world;
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final int number;
  private boolean dead;
  private boolean frozen;

  /// A first loop whose tasks run in the order they are given.
  public ManualEventLoop() {
    this(new ManualWorld(null));
  }

  private ManualEventLoop(ManualWorld world) {
    this.world = world;
    this.number = world.add();
  }

  /// A first loop whose world is shaken by the seed.
  public static ManualEventLoop seeded(long seed) {
    return new ManualEventLoop(new ManualWorld(seed));
  }

  /// Another loop on the same clock.
  public ManualEventLoop sibling() {
    return new ManualEventLoop(world);
  }

  @Override
  public void execute(Runnable task) {
    world.give(this, task);
  }

  @Override
  public boolean inLoop() {
    return world.isRunning(this);
  }

  @Override
  public Instant now() {
    return world.now();
  }

  @Override
  public long nanoTime() {
    return world.nanoTime();
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    return world.schedule(this, delay, task);
  }

  /// Runs what is there and what comes of it on all loops of this world, without time passing.
  ///
  /// @throws AssertionError when tasks threw, or when they give one another work without end
  public void runUntilIdle() {
    world.runUntilIdle();
  }

  /// Lets time pass on all loops, running everything that becomes due at its time.
  ///
  /// @throws AssertionError as [#runUntilIdle]
  public void advance(Duration time) {
    world.advance(time);
  }

  /// Runs one task, or when none waits lets time pass to the next timer.
  ///
  /// @return false when there is neither
  public boolean step() {
    return world.step();
  }

  /// Steps until the condition holds.
  ///
  /// @param limit virtual time that it may take
  /// @throws AssertionError when it does not come to hold
  public void runUntil(BooleanSupplier condition, Duration limit) {
    world.runUntil(condition, limit);
  }

  /// The process of this loop dies: what waits on it is gone, its timers are too, and what it is
  /// given from now on never runs. Not from a task of its own.
  public void kill() {
    world.kill(this);
    dead = true;
  }

  public boolean isDead() {
    return dead;
  }

  /// The process of this loop is not scheduled any more: tasks and timers wait until it thaws. Only
  /// in a seeded world, and not from a task of its own.
  public void freeze() {
    if (!frozen) {
      world.freeze(this);
      frozen = true;
    }
  }

  /// Goes on with what has waited meanwhile.
  public void thaw() {
    if (frozen && !dead) {
      frozen = false;
      world.thaw(this);
    }
  }

  boolean isFrozen() {
    return frozen;
  }

  /// A number for the order in which tasks have run on the loops of this world, and for the times:
  /// two runs with the same number went the same way.
  public long fingerprint() {
    return world.fingerprint();
  }

  /// Timers that are set and neither cancelled nor due, on all loops of this world: none means that
  /// nothing is left behind.
  public int timers() {
    return world.timers();
  }

  Deque<Runnable> tasks() {
    return tasks;
  }

  int number() {
    return number;
  }
}
