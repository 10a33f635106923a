package dev.parley.effect;

import dev.parley.loop.EventLoop;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.function.Supplier;

/// Lets so many reads of subscriptions go on at once that whatever else asks the store is answered
/// beside them. Sessions take turns (requirement O8): a thousand subscribers of one that are far
/// behind wait for one another, and everybody else for one of them at a time.
///
/// A read that is cancelled while it waits does not wait any more; one that has waited for too long
/// is refused with `UNAVAILABLE`. Used from any thread.
final class ReadTurns {
  private final int readsMax;
  private final Duration wait;

  /// What waits, by session. The first session is the next.
  private final LinkedHashMap<Long, SequencedSet<Runnable>> waiting = new LinkedHashMap<>();

  private int reading;

  /// @param readsMax that go on at once
  /// @param wait of a read for its turn, at the longest
  ReadTurns(int readsMax, Duration wait) {
    if (readsMax < 1) {
      throw new IllegalArgumentException("parley.effects.reads-max is at least 1");
    }
    this.readsMax = readsMax;
    this.wait = wait;
  }

  /// The read, begun on the loop when it is the session's turn. It ends in time by itself.
  <T> Uni<T> of(long sid, EventLoop loop, Supplier<Uni<? extends T>> read) {
    return Uni.createFrom()
        .emitter(emitter -> {
          Runnable begin =
              () ->
                  loop.execute(() ->
                      Uni.createFrom()
                          .<T>deferred(read)
                          .onTermination()
                          .invoke(this::ended)
                          .subscribe()
                          .with(emitter::complete, emitter::fail));
          if (hasTurn(sid, begin)) {
            begin.run();
            return;
          }
          EventLoop.Timer patience =
              loop.schedule(
                  wait,
                  () -> {
                    if (forget(sid, begin)) {
                      emitter.fail(new RefusedException(Refusal.unavailable()));
                    }
                  });
          emitter.onTermination(() -> {
            boolean _ = forget(sid, begin);
            loop.execute(patience::cancel);
          });
        });
  }

  /// Whether it is the session's turn at once; else it waits.
  private synchronized boolean hasTurn(long sid, Runnable begin) {
    if (reading == readsMax) {
      waiting.computeIfAbsent(sid, _ -> new LinkedHashSet<>()).add(begin);
      return false;
    }
    reading++;
    return true;
  }

  private void ended() {
    Runnable next;
    synchronized (this) {
      Map.Entry<Long, SequencedSet<Runnable>> first = waiting.pollFirstEntry();
      if (first == null) {
        reading--;
        return;
      }
      next = first.getValue().removeFirst();
      if (!first.getValue().isEmpty()) {
        waiting.putLast(first.getKey(), first.getValue());
      }
    }
    next.run();
  }

  /// @return whether it was waiting
  private synchronized boolean forget(long sid, Runnable begin) {
    SequencedSet<Runnable> ofSession = waiting.get(sid);
    if (ofSession == null || !ofSession.remove(begin)) {
      return false;
    }
    if (ofSession.isEmpty()) {
      waiting.remove(sid);
    }
    return true;
  }
}
