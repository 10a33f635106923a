package dev.parley.store;

import dev.parley.store.InMemoryStore.Rows;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/// What the store in memory need not keep.
public final class InMemoryRemoval implements Removal {
  private final InMemoryStore store;

  public InMemoryRemoval(InMemoryStore store) {
    this.store = store;
  }

  private record Old(Rows rows, Projection.TurnRow turn) {
    Instant completedAt() {
      return Objects.requireNonNull(turn.completedAt());
    }

    long lastFrame() {
      return Objects.requireNonNull(turn.lastFrame());
    }
  }

  @Override
  public Uni<OldFrames> frames(Instant endedBefore, int turnsMax, int framesMax) {
    return store.call(() -> {
      int turns = 0;
      int frames = 0;
      for (Old old : old(endedBefore, turnsMax)) {
        Iterator<Long> seqs = old.rows.frames.headMap(old.lastFrame(), true).keySet().iterator();
        while (seqs.hasNext() && frames < framesMax) {
          seqs.next();
          seqs.remove();
          frames++;
        }
        if (!seqs.hasNext()) {
          old.rows.emptied.add(old.turn.turnId().value());
          turns++;
        }
      }
      return new OldFrames(turns, frames);
    });
  }

  private List<Old> old(Instant endedBefore, int turnsMax) {
    return store.sessions().values().stream()
        .flatMap(rows -> rows.turns.values().stream().map(turn -> new Old(rows, turn)))
        .filter(old -> !old.rows.emptied.contains(old.turn.turnId().value()))
        .filter(old -> old.turn.completedAt() != null && old.completedAt().isBefore(endedBefore))
        .sorted(Comparator.comparing(Old::completedAt))
        .limit(turnsMax)
        .toList();
  }

  /// Whether all frames of the turn were removed.
  boolean isEmptied(long sid, String turnId) {
    return rows(sid).emptied.contains(turnId);
  }

  @Override
  public Uni<DeletedSessions> sessions(Instant deletedBefore, int sessionsMax, int rowsMax) {
    return store.call(() -> {
      List<Long> gone =
          store.sessions().entrySet().stream()
              .filter(e -> isBefore(e.getValue().deletedAt, deletedBefore))
              .sorted(Comparator.comparing(e -> e.getValue().deletedAt))
              .map(Map.Entry::getKey)
              .limit(sessionsMax)
              .toList();
      return remove(gone, rowsMax);
    });
  }

  @Override
  public Uni<Integer> tokens(Instant endedBefore, int rowsMax) {
    return store.call(() -> {
      int removed = 0;
      var old = store.tokens().headMap(SpentTokens.day(endedBefore)).values().iterator();
      while (old.hasNext() && removed < rowsMax) {
        Map<String, Long> day = old.next();
        Iterator<String> users = day.keySet().iterator();
        while (users.hasNext() && removed < rowsMax) {
          users.next();
          users.remove();
          removed++;
        }
        if (day.isEmpty()) {
          old.remove();
        }
      }
      return removed;
    });
  }

  @Override
  public Uni<Boolean> shrink() {
    return store.call(() -> false);
  }

  private static boolean isBefore(@Nullable Instant deletedAt, Instant before) {
    return deletedAt != null && deletedAt.isBefore(before);
  }

  private DeletedSessions remove(List<Long> gone, int rowsMax) {
    List<Integer> removed = new ArrayList<>();
    removed.add(clear(gone, rowsMax, sid -> rows(sid).isHeaded, sid -> rows(sid).isHeaded = false));
    removed.add(
        clear(gone, rowsMax, sid -> rows(sid).snapshot != null, sid -> rows(sid).snapshot = null));
    Map<Long, Long> deliveries = store.deliveries();
    removed.add(clear(gone, rowsMax, deliveries::containsKey, deliveries::remove));
    List<Function<Rows, Collection<?>>> tables =
        List.of(
            rows -> rows.sends.keySet(),
            rows -> rows.messages.keySet(),
            rows -> rows.turns.keySet(),
            rows -> rows.events,
            rows -> rows.frames.keySet());
    removed.add(store.effects().remove(gone, rowsMax));
    tables.forEach(table -> removed.add(clear(gone, rowsMax, table)));
    boolean whole = removed.stream().allMatch(count -> count < rowsMax);
    if (whole) {
      gone.forEach(store.sessions()::remove);
    }
    return new DeletedSessions(
        whole ? gone.size() : 0, removed.stream().mapToInt(Integer::intValue).sum());
  }

  private static int clear(List<Long> gone, int max, LongPredicate has, LongConsumer remove) {
    List<Long> cleared = gone.stream().filter(has::test).limit(max).toList();
    cleared.forEach(remove::accept);
    return cleared.size();
  }

  private int clear(List<Long> gone, int max, Function<Rows, Collection<?>> table) {
    int count = 0;
    for (long sid : gone) {
      Iterator<?> rows = table.apply(rows(sid)).iterator();
      while (rows.hasNext() && count < max) {
        rows.next();
        rows.remove();
        count++;
      }
    }
    return count;
  }

  private Rows rows(long sid) {
    return Objects.requireNonNull(store.sessions().get(sid));
  }
}
