package dev.parley.effect.discrete;

import dev.parley.effect.discrete.EffectHandler.Outcome;
import dev.parley.log.Failures;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.store.ClaimedEffect;
import dev.parley.store.EffectQueue;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// One attempt at one effect, from its claim until its outcome is recorded or its lease is over. On
/// the loop.
final class Attempt {
  private static final FieldLog LOG = FieldLog.of(Attempt.class);

  private final ClaimedEffect effect;
  private final long leaseEndNanos;
  private final Means means;
  private final BiConsumer<Attempt, Result> over;

  private Phase phase = Phase.EXECUTING;
  private Record record = new Record(Result.COMPLETED, Duration.ZERO, "");
  private @Nullable Cancellable execution;
  private EventLoop.@Nullable Timer leaseEnd;
  private boolean failing;

  /// What attempts are made with.
  ///
  /// @param attemptsMax attempts of one run
  /// @param recordPause between two attempts to record an outcome
  record Means(
      EffectQueue queue,
      EffectHandler handler,
      EventLoop loop,
      Backoff backoff,
      int attemptsMax,
      Duration recordPause) {}

  /// What is to be written.
  private record Record(Result result, Duration pause, String error) {}

  private enum Phase {
    EXECUTING,
    RECORDING,
    OVER
  }

  /// How an attempt ended.
  enum Result {
    COMPLETED,
    /// It failed, and there will be another one.
    RETRIED,
    /// It failed, and was the last.
    FAILED,
    /// Nothing is recorded of it: its lease ran out, and the effect is claimed again.
    ABANDONED
  }

  /// @param leaseEndNanos when nobody may rely on the lease any more, by the loop's clock
  /// @param over called once, when it has ended
  Attempt(ClaimedEffect effect, long leaseEndNanos, Means means, BiConsumer<Attempt, Result> over) {
    this.effect = effect;
    this.leaseEndNanos = leaseEndNanos;
    this.means = means;
    this.over = over;
  }

  ClaimedEffect effect() {
    return effect;
  }

  private Fields fields() {
    return Fields.ofSession(effect.key().toString());
  }

  void start() {
    watchLease();
    if (effect.tries() > means.attemptsMax()) {
      // Every attempt before was cut off without an outcome.
      record(new Record(Result.FAILED, Duration.ZERO, "its last attempt had no outcome"));
      return;
    }
    execution =
        Uni.createFrom()
            .deferred(() -> means.handler().execute(effect))
            .subscribe()
            .with(
                outcome -> means.loop().execute(() -> ended(outcome)),
                failure -> means.loop().execute(() -> broken(failure)));
  }

  /// Stops what is under way and gives the effect back, to be executed again at once by whoever
  /// comes next. Does nothing when it has an outcome already.
  void handBack() {
    if (phase == Phase.EXECUTING) {
      if (leaseEnd == null) {
        watchLease();
      }
      cancel();
      record(new Record(Result.RETRIED, Duration.ZERO, "the node stopped"));
    }
  }

  /// Somebody has claimed for this session again: what its lease does not cover any more ends, even
  /// when its timer is late.
  void superseded() {
    if (means.loop().nanoTime() - leaseEndNanos >= 0) {
      leaseOver();
    }
  }

  private void watchLease() {
    leaseEnd =
        means
            .loop()
            .schedule(
                Duration.ofNanos(Math.max(0, leaseEndNanos - means.loop().nanoTime())),
                this::leaseOver);
  }

  private void ended(Outcome outcome) {
    if (phase != Phase.EXECUTING) {
      return;
    }
    switch (outcome) {
      case Outcome.Done _ -> record(new Record(Result.COMPLETED, Duration.ZERO, ""));
      case Outcome.Failed failed -> {
        boolean again = failed.again() && effect.tries() < means.attemptsMax();
        Duration pause = again ? means.backoff().after(effect.tries()) : Duration.ZERO;
        LOG.infof(
            fields(),
            "Effect %s failed in attempt %d of %d (%s); %s",
            effect.id(),
            effect.tries(),
            means.attemptsMax(),
            failed.error(),
            again ? "the next one is in " + pause : "it is given up");
        record(new Record(again ? Result.RETRIED : Result.FAILED, pause, failed.error()));
      }
    }
  }

  /// A defect of the handler, and no reason to give the effect up.
  private void broken(Throwable failure) {
    LOG.errorf(fields(), failure, "The handler of effect %s is broken", effect.id());
    ended(new Outcome.Failed("defect " + failure.getClass().getSimpleName(), true));
  }

  private void record(Record outcome) {
    phase = Phase.RECORDING;
    record = outcome;
    write();
  }

  private void write() {
    if (phase != Phase.RECORDING) {
      return;
    }
    EffectQueue queue = means.queue();
    int attempts = effect.attempts();
    Uni<Boolean> written =
        switch (record.result()) {
          case COMPLETED -> queue.complete(effect.id(), attempts);
          case RETRIED -> queue.retry(effect.id(), attempts, record.pause(), record.error());
          case FAILED -> queue.fail(effect.id(), attempts, record.error());
          case ABANDONED -> throw new IllegalStateException("nothing is to be written");
        };
    written
        .subscribe()
        .with(
            recorded ->
                means.loop().execute(() -> end(recorded ? record.result() : Result.ABANDONED)),
            failure -> means.loop().execute(() -> writeAgain(failure)));
  }

  /// The outcome is worth some patience: without it the effect is executed once more.
  private void writeAgain(Throwable failure) {
    if (phase != Phase.RECORDING) {
      return;
    }
    if (!failing) {
      failing = true;
      LOG.warnf(
          fields(),
          "The outcome of effect %s was not recorded, tried again every %s while its lease runs: %s",
          effect.id(),
          means.recordPause(),
          Failures.named(failure));
    }
    EventLoop.Timer _ = means.loop().schedule(means.recordPause(), this::write);
  }

  private void leaseOver() {
    if (phase != Phase.OVER) {
      LOG.warnf(
          fields(),
          "The lease of effect %s is over without a recorded outcome, it is claimed again",
          effect.id());
      cancel();
      end(Result.ABANDONED);
    }
  }

  private void cancel() {
    if (execution != null) {
      execution.cancel();
    }
  }

  private void end(Result result) {
    if (phase == Phase.OVER) {
      return;
    }
    phase = Phase.OVER;
    if (leaseEnd != null) {
      leaseEnd.cancel();
    }
    over.accept(this, result);
  }
}
