package dev.parley.actor;

import dev.parley.session.Event.TurnOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// What all actors of a node do, in numbers. Safe for use by any thread.
final class ActorMeters {
  /// Between which the time to a first token is told.
  private static final Duration[] FIRST_TOKEN = {
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(2),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30)
  };

  private final Counter started;
  private final Counter resumed;
  private final Counter completed;
  private final Counter interrupted;
  private final Counter failed;
  private final Counter cancelled;
  private final Counter queued;
  private final Timer duration;
  private final Timer firstToken;
  private final Counter claimed;
  private final Counter reclaimed;
  private final Counter taken;
  private final AtomicLong waiting = new AtomicLong();

  ActorMeters(MeterRegistry registry) {
    started = counter(registry, "parley.turns.started", "Turns that began");
    resumed =
        counter(
            registry, "parley.turns.resumed", "Turns that went on after the loss of their node");
    completed = ended(registry, "completed");
    interrupted = ended(registry, "interrupted");
    failed = ended(registry, "error");
    cancelled =
        counter(
            registry,
            "parley.turns.cancelled",
            "Interrupted turns that somebody stopped: all but those whose node was lost");
    queued = counter(registry, "parley.turns.queued", "Messages that had to wait for their turn");
    duration =
        Timer.builder("parley.turns.duration")
            .description("How long turns ran that have ended")
            .register(registry);
    firstToken =
        Timer.builder("parley.turns.first.token")
            .description(
                "From the decision that a turn begins until its first words were committed")
            .serviceLevelObjectives(FIRST_TOKEN)
            .register(registry);
    claimed = ownership(registry, "claimed");
    reclaimed = ownership(registry, "reclaimed");
    taken = ownership(registry, "taken");
    Gauge.builder("parley.turns.waiting", waiting, AtomicLong::get)
        .description("Messages that wait for their turn in active sessions")
        .register(registry);
  }

  private static Counter counter(MeterRegistry registry, String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  private static Counter ended(MeterRegistry registry, String outcome) {
    return Counter.builder("parley.turns.ended")
        .description("Turns that are over, by outcome")
        .tag("outcome", outcome)
        .register(registry);
  }

  private static Counter ownership(MeterRegistry registry, String change) {
    return Counter.builder("parley.ownership.changes")
        .description(
            "Sessions that this node claimed, claimed again after a commit in doubt, or lost to"
                + " another node")
        .tag("change", change)
        .register(registry);
  }

  void started() {
    started.increment();
  }

  void resumed() {
    resumed.increment();
  }

  void queued() {
    queued.increment();
  }

  void ended(TurnOutcome outcome, Duration lasted) {
    duration.record(lasted);
    switch (outcome) {
      case TurnOutcome.Completed _ -> completed.increment();
      case TurnOutcome.Failed _ -> failed.increment();
      case TurnOutcome.Interrupted how -> {
        interrupted.increment();
        if (!how.isLoss()) {
          cancelled.increment();
        }
      }
    }
  }

  void firstToken(long nanos) {
    firstToken.record(nanos, TimeUnit.NANOSECONDS);
  }

  /// So many more messages wait, or less.
  void waiting(int more) {
    waiting.addAndGet(more);
  }

  /// A session was made this node's.
  void claimed() {
    claimed.increment();
  }

  /// It was made so again, after a commit whose outcome was not known.
  void reclaimed() {
    reclaimed.increment();
  }

  /// It was found to be another node's.
  void taken() {
    taken.increment();
  }
}
