package dev.parley.simulation;

import dev.parley.agent.Agents.OnCrash;
import dev.parley.store.InMemoryStore;
import dev.parley.store.InMemoryStore.CallFault;
import dev.parley.store.InMemoryStore.CommitFault;
import dev.parley.store.PreparedAppend;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/// What goes wrong in one run. Each kind of fault is drawn for the whole run first, and most runs
/// are without it: so some runs are shaken by one thing alone, and some by everything at once.
final class FaultPlan {
  /// The slowest way to the store or back, and the slowest wake: together they stay below the
  /// runner's poll interval, so that a wake that was not lost comes before the sweep.
  private static final int STORE_DELAY_MS_MAX = 220;

  private static final int WAKE_DELAY_MS_MAX = 100;

  private static final Duration FRAMES_AGE_MIN = Duration.ofSeconds(2);

  private final RandomGenerator random;
  private final Figures figures;
  private final Duration storm;
  private final double commitFaults;
  private final double locked;
  private final double callFaults;
  private final double wakesLost;
  private final double wakesTwice;
  private final double wakesLate;
  private final double crashesAtCommit;
  private final int storeDelayMs;
  private final int networkDelayMs;
  private final int activeMax;
  private final OnCrash onCrash;
  private final Duration framesAge;
  private final Duration deletedAge;
  private int crashes;
  private boolean calm;
  private boolean away;

  /// What becomes of a wake.
  enum WakeFault {
    NONE,
    LOST,
    TWICE,
    LATE
  }

  /// What happens to the node at a moment that the plan fixes.
  enum Blow {
    CRASH,
    /// It stops as it should, and another one starts.
    RESTART,
    /// It stands still, is given up, and goes on for a moment beside its successor.
    FREEZE,
    /// The store is away.
    OUTAGE
  }

  /// @param after the beginning
  /// @param pause until the node, or the store, is back
  record Planned(Blow blow, Duration after, Duration pause) {}

  FaultPlan(RandomGenerator random, Figures figures) {
    this.random = random;
    this.figures = figures;
    storm = millis(1_000, 7_000);
    commitFaults = one(0, 0, 0.02, 0.2);
    locked = one(0, 0, 0.05, 0.2);
    callFaults = one(0, 0, 0.01, 0.1);
    wakesLost = one(0, 0, 0, 0.1);
    wakesTwice = one(0, 0, 0.2);
    wakesLate = one(0, 0, 0.3);
    crashesAtCommit = one(0, 0, 0.01);
    storeDelayMs = (int) one(0, 1, 20, STORE_DELAY_MS_MAX);
    networkDelayMs = (int) one(0, 1, 30);
    activeMax = (int) one(2, 100, 100);
    onCrash = random.nextBoolean() ? OnCrash.CONTINUE : OnCrash.INTERRUPT;
    framesAge = random.nextBoolean() ? Duration.ofHours(1) : FRAMES_AGE_MIN;
    deletedAge = random.nextBoolean() ? Duration.ofHours(1) : millis(1, 1_000);
    crashes = 3;
  }

  /// How long things go wrong.
  Duration storm() {
    return storm;
  }

  /// The blows that do not wait for an occasion.
  List<Planned> blows() {
    return IntStream.range(0, (int) one(0, 1, 2, 4))
        .mapToObj(_ ->
            new Planned(
                Blow.values()[random.nextInt(Blow.values().length)],
                millis(1, (int) storm.toMillis()),
                millis(1, 3_000)))
        .toList();
  }

  /// From now on nothing goes wrong any more.
  void calmDown() {
    calm = true;
    away = false;
  }

  boolean isCalm() {
    return calm;
  }

  void storeAway(boolean away) {
    this.away = away && !calm;
  }

  /// How long a node does not notice that a client is gone.
  Duration cutUnnoticed() {
    return random.nextInt(10) == 0 ? millis(1_000, 8_000) : networkDelay();
  }

  /// Sessions that one node keeps active at once: sometimes fewer than there are.
  int activeMax() {
    return activeMax;
  }

  /// How long frames of ended turns are kept: always longer than it takes to read them.
  Duration framesAge() {
    return framesAge;
  }

  /// How long deleted sessions are kept.
  Duration deletedAge() {
    return deletedAge;
  }

  /// What becomes of a turn whose node is lost.
  OnCrash onCrash() {
    return onCrash;
  }

  /// How long a process is down.
  Duration downtime() {
    return millis(1, 2_000);
  }

  Duration networkDelay() {
    return calm ? Duration.ZERO : upTo(networkDelayMs);
  }

  WakeFault wake() {
    if (calm) {
      return WakeFault.NONE;
    }
    WakeFault fault = WakeFault.NONE;
    if (happens(wakesLost)) {
      fault = WakeFault.LOST;
    } else if (happens(wakesTwice)) {
      fault = WakeFault.TWICE;
    } else if (happens(wakesLate)) {
      fault = WakeFault.LATE;
    }
    figures.count(fault);
    return fault;
  }

  Duration wakeDelay() {
    return millis(1, WAKE_DELAY_MS_MAX);
  }

  /// Whether the node dies at this moment: a commit was applied and nobody was answered.
  boolean crashesNow() {
    if (calm || crashes == 0 || !happens(crashesAtCommit)) {
      return false;
    }
    crashes--;
    return true;
  }

  /// The store as one node meets it.
  ///
  /// @param dead whether the node has died: what it had sent may still arrive
  /// @param asksForOwner false for a broken store
  InMemoryStore.Faults store(BooleanSupplier dead, boolean asksForOwner) {
    return new InMemoryStore.Faults() {
      @Override
      public CommitFault commit(List<PreparedAppend> batch) {
        CommitFault fault = commitFault(dead.getAsBoolean());
        figures.count(fault);
        return fault;
      }

      @Override
      public CallFault call() {
        CallFault fault = callFault(dead.getAsBoolean());
        figures.count(fault);
        return fault;
      }

      @Override
      public Duration delay() {
        return calm ? Duration.ZERO : upTo(storeDelayMs);
      }

      @Override
      public Duration lateness() {
        return millis(1, 2_000);
      }

      @Override
      public boolean isLocked(long sid) {
        boolean now = !calm && happens(locked);
        figures.locks += now ? 1 : 0;
        return now;
      }

      @Override
      public boolean asksForOwner() {
        return asksForOwner;
      }
    };
  }

  private CommitFault commitFault(boolean dead) {
    if (dead) {
      return random.nextBoolean() ? CommitFault.LOST_BEFORE : CommitFault.NONE;
    }
    if (away) {
      return CommitFault.LOST_BEFORE;
    }
    if (calm || !happens(commitFaults)) {
      return CommitFault.NONE;
    }
    return switch (random.nextInt(4)) {
      case 0 -> CommitFault.LOST_BEFORE;
      case 1 -> CommitFault.LOST_AFTER;
      case 2 -> CommitFault.LATE;
      default -> CommitFault.RETRY;
    };
  }

  private CallFault callFault(boolean dead) {
    if (dead) {
      return random.nextBoolean() ? CallFault.LOST_BEFORE : CallFault.NONE;
    }
    if (away) {
      return CallFault.LOST_BEFORE;
    }
    if (calm || !happens(callFaults)) {
      return CallFault.NONE;
    }
    return random.nextBoolean() ? CallFault.LOST_BEFORE : CallFault.LOST_AFTER;
  }

  private boolean happens(double share) {
    return share > 0 && random.nextDouble() < share;
  }

  private double one(double... of) {
    return of[random.nextInt(of.length)];
  }

  private Duration upTo(int millisMax) {
    return millisMax == 0 || random.nextInt(3) == 0
        ? Duration.ZERO
        : Duration.ofNanos(random.nextLong(Duration.ofMillis(millisMax).toNanos()));
  }

  private Duration millis(int from, int to) {
    return Duration.ofMillis(random.nextInt(from, to));
  }
}
