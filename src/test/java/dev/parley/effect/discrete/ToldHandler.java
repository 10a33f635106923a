package dev.parley.effect.discrete;

import dev.parley.loop.EventLoop;
import dev.parley.store.ClaimedEffect;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/// A handler that takes a while and ends as it is told, and remembers what it did.
final class ToldHandler implements EffectHandler {
  final List<Execution> executions = new ArrayList<>();
  final List<String> cancelled = new ArrayList<>();
  final List<String> violations = new ArrayList<>();

  /// How an execution ends.
  Function<ClaimedEffect, Outcome> outcome = _ -> new Outcome.Done();

  /// How long it takes; negative: for ever.
  Function<ClaimedEffect, Duration> takes = _ -> Duration.ZERO;

  /// Told of each execution as it begins.
  Consumer<Execution> started = _ -> {};

  int atOnceMax;
  private final EventLoop loop;
  private final Set<Long> running = new HashSet<>();
  private int atOnce;

  record Execution(String id, long sid, int attempts, Instant at) {}

  ToldHandler(EventLoop loop) {
    this.loop = loop;
  }

  List<String> ids() {
    return executions.stream().map(Execution::id).toList();
  }

  @Override
  public Uni<Outcome> execute(ClaimedEffect effect) {
    Execution execution = new Execution(effect.id(), effect.sid(), effect.attempts(), loop.now());
    executions.add(execution);
    started.accept(execution);
    if (!running.add(effect.sid())) {
      violations.add("two effects of session " + effect.sid() + " at once");
    }
    atOnceMax = Math.max(atOnceMax, ++atOnce);
    return Uni.createFrom()
        .emitter(emitter -> {
          emitter.onTermination(() -> {
            if (running.remove(effect.sid())) {
              atOnce--;
              cancelled.add(effect.id());
            }
          });
          Duration time = takes.apply(effect);
          Runnable end =
              () -> {
                if (running.remove(effect.sid())) {
                  atOnce--;
                  emitter.complete(outcome.apply(effect));
                }
              };
          if (time.isZero()) {
            loop.execute(end);
          } else if (time.isPositive()) {
            EventLoop.Timer _ = loop.schedule(time, end);
          }
        });
  }
}
