package dev.parley.testing.storm;

import dev.parley.testing.ParleyProcess;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/// Kills the application, its database or both, over and over, and puts them up again. The next
/// strike comes when clients have received something since the last one: a strike that nobody
/// streams under shows nothing.
public final class Weather {
  /// How long nothing may come to any client while all is up.
  private static final Duration STILLNESS_MAX = Duration.ofSeconds(30);

  /// What clients receive before the first strike: a storm needs something to strike at.
  private static final int EVENTS_BEFORE = 200;

  private static final Duration BEFORE_MAX = Duration.ofSeconds(60);

  /// Events between two strikes: the exponent is drawn evenly, so that some strikes come after a
  /// token or two.
  private static final double EVENTS_EXPONENT_MAX = 3.5;

  /// Longer than the application needs to start.
  private static final Duration START_MAX = Duration.ofSeconds(4);

  private static final Duration OUTAGE_MAX = Duration.ofMillis(500);

  /// What happens.
  public enum Strike {
    /// The application is killed; the database lives on.
    APPLICATION("application killed"),
    /// The database is killed while the application lives.
    DATABASE("database killed"),
    /// Both are killed at one moment.
    BOTH("both killed"),
    /// The database is killed while the application starts.
    START("database killed in a start"),
    /// The application is asked to stop.
    STOP("stopped");

    private final String told;

    Strike(String told) {
      this.told = told;
    }

    String told() {
      return told;
    }
  }

  private final Application application;
  private final Postgres postgres;
  private final Traffic traffic;
  private final Random random;
  private final Map<Strike, Integer> strikes = new EnumMap<>(Strike.class);

  Weather(Application application, Postgres postgres, Traffic traffic, Random random) {
    this.application = application;
    this.postgres = postgres;
    this.traffic = traffic;
    this.random = random;
  }

  /// Strikes for so long; everything is up when it returns.
  ///
  /// @throws AssertionError when nothing comes to any client though all is up
  void rage(Duration length) throws InterruptedException {
    if (!traffic.awaitMore(EVENTS_BEFORE, BEFORE_MAX)) {
      throw new AssertionError("clients did not begin in " + BEFORE_MAX);
    }
    long end = System.nanoTime() + length.toNanos();
    while (true) {
      long more = (long) Math.pow(10, random.nextDouble(EVENTS_EXPONENT_MAX));
      Duration left = Duration.ofNanos(end - System.nanoTime());
      boolean last = left.compareTo(STILLNESS_MAX) < 0;
      if (!traffic.awaitMore(more, last ? left : STILLNESS_MAX)) {
        if (last) {
          return;
        }
        throw new AssertionError("no " + more + " events came to any client in " + STILLNESS_MAX);
      }
      Strike strike = any();
      strike(strike);
      strikes.merge(strike, 1, Integer::sum);
    }
  }

  /// How many of each there were.
  Map<Strike, Integer> strikes() {
    return strikes;
  }

  private Strike any() {
    int n = random.nextInt(20);
    if (n < 6) {
      return Strike.APPLICATION;
    }
    if (n < 13) {
      return Strike.DATABASE;
    }
    if (n < 17) {
      return Strike.BOTH;
    }
    return n < 19 ? Strike.START : Strike.STOP;
  }

  private void strike(Strike strike) {
    switch (strike) {
      case APPLICATION -> {
        application.kill();
        application.start();
      }
      case DATABASE -> {
        postgres.kill();
        pause(OUTAGE_MAX);
        if (postgres instanceof Postgres.Embedded) {
          // Nobody else restarts it.
          application.kill();
          application.start();
        } else {
          postgres.start();
        }
      }
      case BOTH -> {
        if (random.nextBoolean()) {
          application.kill();
          postgres.kill();
        } else {
          postgres.kill();
          application.kill();
        }
        postgres.start();
        application.start();
      }
      case START -> {
        application.kill();
        ParleyProcess starting = application.launch();
        pause(START_MAX);
        postgres.kill();
        postgres.start();
        if (postgres instanceof Postgres.Embedded) {
          starting.kill();
          application.start();
        } else if (isUp(starting)) {
          application.open();
        } else {
          application.start();
        }
      }
      case STOP -> {
        application.stop();
        application.start();
      }
    }
  }

  /// Whether the start survived the loss of its database; one that did not has ended.
  private static boolean isUp(ParleyProcess starting) {
    try {
      starting.awaitReady();
      return true;
    } catch (IllegalStateException e) {
      if (starting.isAlive()) {
        throw e;
      }
      return false;
    }
  }

  /// Any moment within so long.
  private void pause(Duration max) {
    LockSupport.parkNanos(random.nextLong(max.toNanos()));
  }
}
