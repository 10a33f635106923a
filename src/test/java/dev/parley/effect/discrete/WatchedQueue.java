package dev.parley.effect.discrete;

import dev.parley.store.ClaimedEffect;
import dev.parley.store.EffectQueue;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;

/// The queue, with what was asked of it. Completions can be held on their way, and the connection
/// can be gone for good, as that of a process that was killed.
final class WatchedQueue implements EffectQueue {
  int dues;
  int claims;
  int upkeeps;
  boolean holdsCompletions;
  boolean dead;
  final Deque<Runnable> held = new ArrayDeque<>();
  private final EffectQueue queue;

  WatchedQueue(EffectQueue queue) {
    this.queue = queue;
  }

  @Override
  public Uni<Due> due(long afterSid, int sessionsMax) {
    dues++;
    return unlessDead(queue.due(afterSid, sessionsMax));
  }

  @Override
  public Uni<List<ClaimedEffect>> claim(Collection<Long> sids, Duration lease) {
    claims++;
    return unlessDead(queue.claim(sids, lease));
  }

  @Override
  public Uni<Boolean> complete(String id, int attempts) {
    Uni<Boolean> completion = unlessDead(queue.complete(id, attempts));
    return holdsCompletions
        ? Uni.createFrom()
            .emitter(emitter ->
                held.add(() -> completion.subscribe().with(emitter::complete, emitter::fail)))
        : completion;
  }

  @Override
  public Uni<Boolean> retry(String id, int attempts, Duration pause, String error) {
    return unlessDead(queue.retry(id, attempts, pause, error));
  }

  @Override
  public Uni<Boolean> fail(String id, int attempts, String error) {
    return unlessDead(queue.fail(id, attempts, error));
  }

  @Override
  public Uni<Integer> expire(int max) {
    upkeeps++;
    return unlessDead(queue.expire(max));
  }

  @Override
  public Uni<Integer> removeCompleted(Duration age, int max) {
    return unlessDead(queue.removeCompleted(age, max));
  }

  private <T> Uni<T> unlessDead(Uni<T> call) {
    return Uni.createFrom().deferred(() -> dead ? Uni.createFrom().nothing() : call);
  }
}
