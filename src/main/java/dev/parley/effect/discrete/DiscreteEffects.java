package dev.parley.effect.discrete;

import dev.parley.effect.discrete.Attempt.Result;
import dev.parley.log.Failures;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.session.Effect;
import dev.parley.store.ClaimedEffect;
import dev.parley.store.EffectQueue;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Has discrete effects executed: woken by commits, and by a sweep for what is due without a wake.
/// Everything happens on its loop.
public final class DiscreteEffects {
  private static final FieldLog LOG = FieldLog.of(DiscreteEffects.class);

  private final EffectQueue queue;
  private final EventLoop loop;
  private final Settings settings;
  private final Attempt.Means means;
  private final Upkeep upkeep;
  private final MeterRegistry metrics;

  /// Sessions that may have something to claim, in the order of their turns.
  private final SequencedSet<Long> ready = new LinkedHashSet<>();

  /// Read by the gauge from any thread.
  private final Set<Attempt> attempts = ConcurrentHashMap.newKeySet();

  private final List<UniEmitter<? super Void>> stopping = new ArrayList<>();
  private EventLoop.@Nullable Timer nextSweep;
  private long sweptSid;
  private boolean running;
  private boolean claiming;
  private boolean failing;

  /// @param pollInterval between two sweeps
  /// @param sweepSessionsMax sessions with unfinished effects that one sweep looks at; the next
  ///   goes on with the others
  /// @param readySessionsMax sessions remembered from wakes; those beyond are for the sweep
  /// @param concurrencyMax effects executed at once
  /// @param lease how long an attempt may take, its record included
  /// @param attemptsMax attempts of one run
  /// @param pauseMin the first pause between two attempts
  /// @param pauseMax the longest one
  /// @param stopWait how long a stop lets attempts go on
  public record Settings(
      Duration pollInterval,
      int sweepSessionsMax,
      int readySessionsMax,
      int concurrencyMax,
      Duration lease,
      int attemptsMax,
      Duration pauseMin,
      Duration pauseMax,
      Duration stopWait,
      Upkeep.Settings upkeep) {
    public Settings {
      if (sweepSessionsMax < 1 || readySessionsMax < 1 || concurrencyMax < 1 || attemptsMax < 1) {
        throw new IllegalArgumentException(
            "effects need room for a session, an attempt, and one at a time");
      }
      if (!lease.isPositive() || !pollInterval.isPositive()) {
        throw new IllegalArgumentException("effects need a lease and a poll interval");
      }
    }
  }

  public DiscreteEffects(
      EffectQueue queue,
      EffectHandler handler,
      EventLoop loop,
      RandomGenerator random,
      MeterRegistry metrics,
      Settings settings) {
    this.queue = queue;
    this.loop = loop;
    this.settings = settings;
    this.means =
        new Attempt.Means(
            queue,
            handler,
            loop,
            new Backoff(settings.pauseMin(), settings.pauseMax(), random),
            settings.attemptsMax(),
            settings.pollInterval());
    this.upkeep = new Upkeep(queue, loop, metrics, settings.upkeep());
    this.metrics = metrics;
    // All of them are there from the start, at zero.
    for (Effect.Kind kind : Effect.Kind.values()) {
      for (Result result : Result.values()) {
        var _ = executed(kind, result);
      }
    }
    Gauge.builder("parley.effects.executing", attempts, Set::size)
        .description("Discrete effects that are executed at the moment")
        .register(metrics);
  }

  private Counter executed(Effect.Kind kind, Result result) {
    return Counter.builder("parley.effects.executed")
        .description("Attempts at discrete effects by how they ended")
        .tag("kind", kind.word())
        .tag("outcome", result.name().toLowerCase(Locale.ROOT))
        .register(metrics);
  }

  /// Starts with a sweep, so that what the last process left is taken up. Once is enough.
  public void start() {
    loop.execute(() -> {
      if (!running) {
        running = true;
        sweep();
        upkeep.start();
      }
    });
  }

  /// Claims nothing more and waits for what is under way; what takes too long is cut off and given
  /// back. Completes in at most twice the configured wait, and never fails. Stopping twice is fine.
  public Uni<Void> stop() {
    return Uni.createFrom()
        .emitter(emitter ->
            loop.execute(() -> {
              stopping.add(emitter);
              if (running) {
                running = false;
                ready.clear();
                upkeep.stop();
                if (nextSweep != null) {
                  nextSweep.cancel();
                }
              }
              if (!stopped()) {
                EventLoop.Timer _ = loop.schedule(settings.stopWait(), this::handBack);
                EventLoop.Timer _ =
                    loop.schedule(settings.stopWait().multipliedBy(2), this::tellStopped);
              }
            }));
  }

  private void handBack() {
    List.copyOf(attempts).forEach(Attempt::handBack);
  }

  private boolean stopped() {
    if (running || claiming || !attempts.isEmpty()) {
      return false;
    }
    tellStopped();
    return true;
  }

  private void tellStopped() {
    List<UniEmitter<? super Void>> told = List.copyOf(stopping);
    stopping.clear();
    told.forEach(emitter -> emitter.complete(null));
  }

  /// The session has a new effect, or one that may run again. From any thread; returns at once. A
  /// wake that is lost is made up for by the sweep.
  public void wake(long sid) {
    loop.execute(() -> {
      line(sid);
      advance();
    });
  }

  /// At the end of the line, unless it waits already.
  private void line(long sid) {
    if (running && ready.size() < settings.readySessionsMax()) {
      ready.add(sid);
    }
  }

  /// Claims for the first sessions in the line, as many as there is room for.
  private void advance() {
    int room = settings.concurrencyMax() - attempts.size();
    if (!running || claiming || ready.isEmpty() || room <= 0) {
      return;
    }
    List<Long> sids = new ArrayList<>();
    for (Iterator<Long> line = ready.iterator(); line.hasNext() && sids.size() < room; ) {
      sids.add(line.next());
      line.remove();
    }
    claiming = true;
    long leaseEndNanos = loop.nanoTime() + settings.lease().toNanos();
    queue
        .claim(sids, settings.lease())
        .subscribe()
        .with(
            claimed -> loop.execute(() -> claimed(claimed, leaseEndNanos)),
            failure ->
                loop.execute(() -> {
                  claiming = false;
                  storeLost(failure);
                  var _ = stopped();
                }));
  }

  private void claimed(List<ClaimedEffect> claimed, long leaseEndNanos) {
    for (ClaimedEffect effect : claimed) {
      attempt(effect, leaseEndNanos);
    }
    claiming = false;
    advance();
    var _ = stopped();
  }

  private void attempt(ClaimedEffect effect, long leaseEndNanos) {
    for (Attempt earlier : List.copyOf(attempts)) {
      if (earlier.effect().sid() == effect.sid()) {
        earlier.superseded();
      }
    }
    Attempt attempt = new Attempt(effect, leaseEndNanos, means, this::ended);
    attempts.add(attempt);
    if (running) {
      attempt.start();
    } else {
      attempt.handBack();
    }
  }

  private void ended(Attempt attempt, Result result) {
    attempts.remove(attempt);
    executed(attempt.effect().kind(), result).increment();
    line(attempt.effect().sid());
    advance();
    var _ = stopped();
  }

  /// Looks for sessions that nobody woke: retries whose time has come, what a crash left.
  private void sweep() {
    if (ready.size() > settings.readySessionsMax()) {
      scheduleSweep();
      return;
    }
    queue
        .due(sweptSid, settings.sweepSessionsMax())
        .subscribe()
        .with(
            due -> loop.execute(() -> swept(due)),
            failure ->
                loop.execute(() -> {
                  storeLost(failure);
                  scheduleSweep();
                }));
  }

  private void swept(EffectQueue.Due due) {
    if (failing) {
      failing = false;
      LOG.infof(Fields.NONE, "The store answers again, effects are executed");
    }
    if (running) {
      sweptSid = due.nextAfterSid();
      ready.addAll(due.sids());
      advance();
      scheduleSweep();
    }
  }

  private void scheduleSweep() {
    if (running) {
      nextSweep = loop.schedule(settings.pollInterval(), this::sweep);
    }
  }

  private void storeLost(Throwable failure) {
    if (!failing) {
      failing = true;
      LOG.warnf(
          Fields.NONE,
          "The store gives no effects, asked again every %s: %s",
          settings.pollInterval(),
          Failures.named(failure));
    }
  }
}
