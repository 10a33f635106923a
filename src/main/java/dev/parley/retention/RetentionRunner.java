package dev.parley.retention;

import dev.parley.log.Failures;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.store.Removal;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Removes on a schedule what need not be kept, in rounds. On its loop.
public final class RetentionRunner {
  private static final FieldLog LOG = FieldLog.of(RetentionRunner.class);

  private final Removal removal;
  private final EventLoop loop;
  private final Settings settings;
  private final Counter framesRemoved;
  private final Counter sessionsRemoved;
  private EventLoop.@Nullable Timer next;
  private boolean running;
  private boolean failing;
  private boolean shrinking;

  /// @param interval between two rounds
  /// @param framesAge how long ago a turn must have ended before its frames go
  /// @param deletedAge how long ago a session must have been deleted before its rows go
  /// @param tokensAge how long ago a day must have ended before what users spent on it goes
  /// @param takenMax turns, or sessions, that one statement takes up
  /// @param rowsMax frames, or rows of one table, or users' days, that one statement removes
  /// @param statementsMax statements of each kind in one round
  public record Settings(
      Duration interval,
      Duration framesAge,
      Duration deletedAge,
      Duration tokensAge,
      int takenMax,
      int rowsMax,
      int statementsMax) {
    public Settings {
      if (takenMax < 1 || rowsMax < 1 || statementsMax < 1) {
        throw new IllegalArgumentException("a round of retention removes at least something");
      }
      // A day that goes on must stay: what is read of it decides whether a model may be asked.
      if (tokensAge.isNegative()) {
        throw new IllegalArgumentException("what is spent today stays");
      }
    }
  }

  /// What one round has removed so far.
  private static final class Round {
    private long frames;
    private long turns;
    private long sessions;
    private long days;
    private int statements;
  }

  public RetentionRunner(
      Removal removal, EventLoop loop, MeterRegistry metrics, Settings settings) {
    this.removal = removal;
    this.loop = loop;
    this.settings = settings;
    this.framesRemoved =
        Counter.builder("parley.retention.frames.removed")
            .description("Frames of ended turns that were old")
            .register(metrics);
    this.sessionsRemoved =
        Counter.builder("parley.retention.sessions.removed")
            .description("Deleted sessions of which nothing is left")
            .register(metrics);
  }

  /// Starts the rounds, the first after one interval. Once is enough.
  public void start() {
    loop.execute(() -> {
      if (!running) {
        running = true;
        schedule();
      }
    });
  }

  /// Begins no statement any more. Stopping twice is fine.
  public void stop() {
    loop.execute(() -> {
      running = false;
      if (next != null) {
        next.cancel();
        next = null;
      }
    });
  }

  private void schedule() {
    next = loop.schedule(settings.interval(), this::begin);
  }

  private void begin() {
    deletedSessions(new Round(), loop.now());
  }

  private void deletedSessions(Round round, Instant now) {
    repeat(
        round,
        removal.sessions(now.minus(settings.deletedAge()), settings.takenMax(), settings.rowsMax()),
        removed -> {
          round.sessions += removed.sessions();
          sessionsRemoved.increment(removed.sessions());
          return !removed.isNothing();
        },
        () -> deletedSessions(round, now),
        () -> {
          round.statements = 0;
          oldFrames(round, now);
        });
  }

  private void oldFrames(Round round, Instant now) {
    repeat(
        round,
        removal.frames(now.minus(settings.framesAge()), settings.takenMax(), settings.rowsMax()),
        removed -> {
          round.turns += removed.turns();
          round.frames += removed.frames();
          framesRemoved.increment(removed.frames());
          return !removed.isNothing();
        },
        () -> oldFrames(round, now),
        () -> {
          round.statements = 0;
          oldTokens(round, now);
        });
  }

  private void oldTokens(Round round, Instant now) {
    repeat(
        round,
        removal.tokens(now.minus(settings.tokensAge()), settings.rowsMax()),
        removed -> {
          round.days += removed;
          return removed > 0;
        },
        () -> oldTokens(round, now),
        () -> end(round));
  }

  /// Carries out one statement, and then the same again as long as it finds something and the round
  /// may.
  private <T> void repeat(
      Round round, Uni<T> statement, Predicate<T> foundSomething, Runnable again, Runnable then) {
    statement
        .subscribe()
        .with(
            removed ->
                loop.execute(() -> {
                  failing = false;
                  boolean more = foundSomething.test(removed);
                  if (!running) {
                    report(round);
                  } else if (more && ++round.statements < settings.statementsMax()) {
                    again.run();
                  } else {
                    then.run();
                  }
                }),
            failure ->
                loop.execute(() -> {
                  failed(failure);
                  end(round);
                }));
  }

  private void end(Round round) {
    report(round);
    if (running) {
      if (!failing) {
        shrink();
      }
      schedule();
    }
  }

  /// Beside the rounds: it may have to wait for others.
  private void shrink() {
    if (shrinking) {
      return;
    }
    shrinking = true;
    removal
        .shrink()
        .subscribe()
        .with(
            shrunk ->
                loop.execute(() -> {
                  shrinking = false;
                  if (shrunk) {
                    LOG.infof(Fields.NONE, "Made the index of frames again: it was nearly empty");
                  }
                }),
            failure ->
                loop.execute(() -> {
                  shrinking = false;
                  LOG.warnf(
                      Fields.NONE,
                      "The index of frames stays as large as it is: %s",
                      Failures.named(failure));
                }));
  }

  private static void report(Round round) {
    if (round.sessions > 0 || round.frames > 0 || round.days > 0) {
      LOG.infof(
          Fields.NONE,
          "Removed %d deleted sessions, %d frames of %d turns that ended long ago, and what users"
              + " spent on %d days",
          round.sessions,
          round.frames,
          round.turns,
          round.days);
    }
  }

  private void failed(Throwable failure) {
    if (!failing) {
      failing = true;
      LOG.warnf(
          Fields.NONE,
          "The store does not remove what is old, tried again every %s: %s",
          settings.interval(),
          Failures.named(failure));
    }
  }
}
