package dev.parley.effect;

import io.smallrye.mutiny.Uni;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.function.Supplier;

/// Lets so many reads of subscriptions go on at once that whatever else asks the store is answered
/// beside them. Sessions take turns (requirement O8): a thousand subscribers of one that are far
/// behind wait for one another, and hardly anybody else does.
///
/// A read that is cancelled while it waits does not wait any more. Used from any thread.
final class ReadTurns {
  private final int readsMax;

  /// What waits, by session. The first session is the next.
  private final LinkedHashMap<Long, SequencedSet<Runnable>> waiting = new LinkedHashMap<>();

  private int reading;

  /// @param readsMax that go on at once
  ReadTurns(int readsMax) {
    if (readsMax < 1) {
      throw new IllegalArgumentException("nobody who is behind would be read for");
    }
    this.readsMax = readsMax;
  }

  /// The read, begun when it is the session's turn. It ends in time by itself.
  <T> Uni<T> of(long sid, Supplier<Uni<? extends T>> read) {
    return Uni.createFrom()
        .emitter(emitter -> {
          Runnable begin =
              () ->
                  Uni.createFrom()
                      .<T>deferred(read)
                      .onTermination()
                      .invoke(this::ended)
                      .subscribe()
                      .with(emitter::complete, emitter::fail);
          emitter.onTermination(() -> forget(sid, begin));
          arrived(sid, begin);
        });
  }

  private void arrived(long sid, Runnable begin) {
    synchronized (this) {
      if (reading == readsMax) {
        waiting.computeIfAbsent(sid, _ -> new LinkedHashSet<>()).add(begin);
        return;
      }
      reading++;
    }
    begin.run();
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

  private synchronized void forget(long sid, Runnable begin) {
    SequencedSet<Runnable> ofSession = waiting.get(sid);
    if (ofSession != null && ofSession.remove(begin) && ofSession.isEmpty()) {
      waiting.remove(sid);
    }
  }
}
