package dev.parley.store;

import dev.parley.loop.EventLoop;
import dev.parley.session.Effect;
import dev.parley.session.SessionKey;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Discrete effects without a database: what [PostgresEffectQueue] and [PostgresEffectInspector]
/// promise, by the clock of a loop. Part of an [InMemoryStore], whose faults are its own.
public final class InMemoryEffects implements EffectQueue, EffectInspector {
  /// How long after its commit, or after a re-run, an effect may be tried.
  public static final Duration EXPIRE_AFTER = Duration.ofHours(24);

  private final Calls calls;
  private final EventLoop loop;
  private final NavigableMap<String, Row> byId = new TreeMap<>();
  private final Map<Long, Map<String, Row>> byKey = new HashMap<>();

  /// The unfinished ones of each session that has any, in their order.
  private final NavigableMap<Long, NavigableMap<Place, Row>> lines = new TreeMap<>();

  /// Deleted sessions, whose effects wait for their removal.
  private final Set<Long> deleted = new HashSet<>();

  /// How the store is asked: with what delays and losses it decides.
  interface Calls {
    <T> Uni<T> call(Supplier<T> work);
  }

  private record Place(long eventSeq, int ord) implements Comparable<Place> {
    private static final Comparator<Place> ORDER =
        Comparator.comparingLong(Place::eventSeq).thenComparingInt(Place::ord);

    @Override
    public int compareTo(Place other) {
      return ORDER.compare(this, other);
    }
  }

  private static final class Row {
    private final Effect effect;
    private final long sid;
    private final SessionKey key;
    private final Place place;
    private final Instant createdAt;
    private EffectStatus status = EffectStatus.PENDING;
    private int attempts;
    private int attemptsBefore;
    private @Nullable String lastError;
    private Instant expiresAt;
    private @Nullable Instant lastAttemptAt;
    private @Nullable Instant nextAttemptAt;
    private @Nullable Instant leaseUntil;
    private @Nullable Instant finishedAt;

    Row(Effect effect, long sid, SessionKey key, Place place, Instant now) {
      this.effect = effect;
      this.sid = sid;
      this.key = key;
      this.place = place;
      this.createdAt = now;
      this.nextAttemptAt = now;
      this.expiresAt = now.plus(EXPIRE_AFTER);
    }

    boolean isUnfinished() {
      return status == EffectStatus.PENDING || status == EffectStatus.EXECUTING;
    }

    boolean isFreeAt(Instant now) {
      return leaseUntil == null || !leaseUntil.isAfter(now);
    }

    boolean isExpiredAt(Instant now) {
      return isUnfinished() && !expiresAt.isAfter(now) && isFreeAt(now);
    }

    boolean isDueAt(Instant now) {
      return isUnfinished()
          && isFreeAt(now)
          && (nextAttemptAt == null || !nextAttemptAt.isAfter(now));
    }
  }

  InMemoryEffects(Calls calls, EventLoop loop) {
    this.calls = calls;
    this.loop = loop;
  }

  // What a commit does.

  /// Whether PostgreSQL would refuse it: its id is taken, by another effect than the same again.
  boolean isRefused(long sid, Effect effect) {
    return byId.containsKey(effect.id()) && !ofSession(sid).containsKey(effect.dedupeKey());
  }

  /// What an append wrote, less what is stored under its key already.
  void add(long sid, SessionKey key, long eventSeq, List<Effect> effects) {
    int ord = 0;
    for (Effect effect : effects) {
      Place place = new Place(eventSeq, ++ord);
      if (!ofSession(sid).containsKey(effect.dedupeKey())) {
        Row row = new Row(effect, sid, key, place, loop.now());
        byId.put(effect.id(), row);
        byKey.computeIfAbsent(sid, _ -> new HashMap<>()).put(effect.dedupeKey(), row);
        line(row);
      }
    }
  }

  /// Removes what there is of these sessions, at most so many.
  int remove(Collection<Long> sids, int max) {
    int removed = 0;
    for (long sid : sids) {
      for (Row row : List.copyOf(ofSession(sid).values())) {
        if (removed == max) {
          return removed;
        }
        ofSession(sid).remove(row.effect.dedupeKey());
        byId.remove(row.effect.id());
        NavigableMap<Place, Row> line = lines.get(sid);
        if (line != null && line.remove(row.place) != null && line.isEmpty()) {
          lines.remove(sid);
        }
        removed++;
      }
    }
    return removed;
  }

  /// Nothing of the session is executed any more.
  void deleted(long sid) {
    deleted.add(sid);
  }

  private Map<String, Row> ofSession(long sid) {
    return byKey.getOrDefault(sid, Map.of());
  }

  private void line(Row row) {
    lines.computeIfAbsent(row.sid, _ -> new TreeMap<>()).put(row.place, row);
  }

  private void finish(Row row, EffectStatus as) {
    row.status = as;
    row.leaseUntil = null;
    row.nextAttemptAt = null;
    row.finishedAt = loop.now();
    lines.computeIfPresent(
        row.sid,
        (_, line) -> {
          line.remove(row.place);
          return line.isEmpty() ? null : line;
        });
  }

  /// What is stored of an effect, looked at past all faults.
  public StoredEffect peek(String id) {
    return stored(Objects.requireNonNull(byId.get(id)));
  }

  /// The ids of a session's effects.
  List<String> ids(long sid) {
    return ofSession(sid).values().stream().map(row -> row.effect.id()).sorted().toList();
  }

  // The queue.

  @Override
  public Uni<Due> due(long afterSid, int sessionsMax) {
    return calls.call(() -> {
      Instant now = loop.now();
      List<Long> looked =
          lines.tailMap(afterSid, false).keySet().stream().limit(sessionsMax).toList();
      return new Due(
          looked.stream()
              .filter(sid -> head(sid, now).filter(row -> row.isDueAt(now)).isPresent())
              .toList(),
          looked.size() == sessionsMax ? looked.getLast() : 0);
    });
  }

  private Optional<Row> head(long sid, Instant now) {
    if (deleted.contains(sid)) {
      return Optional.empty();
    }
    return lines.getOrDefault(sid, new TreeMap<>()).values().stream()
        .filter(row -> !row.isExpiredAt(now))
        .findFirst();
  }

  @Override
  public Uni<List<ClaimedEffect>> claim(Collection<Long> sids, Duration lease) {
    return calls.call(() -> {
      Instant now = loop.now();
      List<ClaimedEffect> claimed = new ArrayList<>();
      for (long sid : sids) {
        head(sid, now)
            .filter(row -> row.isDueAt(now))
            .ifPresent(row -> claimed.add(claim(row, now, lease)));
      }
      return claimed;
    });
  }

  private static ClaimedEffect claim(Row row, Instant now, Duration lease) {
    row.status = EffectStatus.EXECUTING;
    row.attempts++;
    row.lastAttemptAt = now;
    row.nextAttemptAt = null;
    row.leaseUntil = now.plus(lease);
    return new ClaimedEffect(
        row.effect.id(),
        row.sid,
        row.key,
        row.effect.kind(),
        row.effect.payload(),
        row.attempts,
        row.attemptsBefore);
  }

  @Override
  public Uni<Boolean> complete(String id, int attempts) {
    return calls.call(() -> {
      Row row = current(id, attempts);
      if (row != null) {
        finish(row, EffectStatus.COMPLETED);
      }
      return row != null;
    });
  }

  @Override
  public Uni<Boolean> retry(String id, int attempts, Duration pause, String error) {
    return calls.call(() -> {
      Row row = current(id, attempts);
      if (row != null) {
        row.status = EffectStatus.PENDING;
        row.leaseUntil = null;
        row.nextAttemptAt = loop.now().plus(pause);
        row.lastError = error;
      }
      return row != null;
    });
  }

  @Override
  public Uni<Boolean> fail(String id, int attempts, String error) {
    return calls.call(() -> {
      Row row = current(id, attempts);
      if (row != null) {
        finish(row, EffectStatus.FAILED);
        row.lastError = error;
      }
      return row != null;
    });
  }

  private @Nullable Row current(String id, int attempts) {
    Row row = byId.get(id);
    return row != null && row.status == EffectStatus.EXECUTING && row.attempts == attempts
        ? row
        : null;
  }

  @Override
  public Uni<Integer> expire(int max) {
    return calls.call(() -> {
      Instant now = loop.now();
      List<Row> old =
          byId.values().stream()
              .filter(row -> row.isExpiredAt(now))
              .sorted(Comparator.comparing(row -> row.expiresAt))
              .limit(max)
              .toList();
      for (Row row : old) {
        finish(row, EffectStatus.FAILED);
        row.lastError =
            "expired" + (row.lastError == null ? "" : "; before that: " + row.lastError);
      }
      return old.size();
    });
  }

  @Override
  public Uni<Integer> removeCompleted(Duration age, int max) {
    return calls.call(() -> {
      Instant before = loop.now().minus(age);
      List<Row> old =
          byId.values().stream()
              .filter(row ->
                  row.status == EffectStatus.COMPLETED
                      && row.finishedAt != null
                      && !row.finishedAt.isAfter(before))
              .limit(max)
              .toList();
      for (Row row : old) {
        byId.remove(row.effect.id());
        byKey.getOrDefault(row.sid, new HashMap<>()).remove(row.effect.dedupeKey());
      }
      return old.size();
    });
  }

  // The inspector.

  @Override
  public Uni<List<StoredEffect>> list(@Nullable EffectStatus status, String afterId, int limit) {
    return calls.call(() ->
        byId.tailMap(afterId, false).values().stream()
            .filter(row -> status == null || row.status == status)
            .filter(row -> !deleted.contains(row.sid))
            .limit(limit)
            .map(InMemoryEffects::stored)
            .toList());
  }

  @Override
  public Uni<Optional<StoredEffect>> find(String id) {
    return calls.call(() -> Optional.ofNullable(kept(id)).map(InMemoryEffects::stored));
  }

  private @Nullable Row kept(String id) {
    Row row = byId.get(id);
    return row == null || deleted.contains(row.sid) ? null : row;
  }

  @Override
  public Uni<Rerun> rerun(String id) {
    return calls.call(() -> {
      Row row = kept(id);
      if (row == null) {
        return new Rerun.Unknown();
      }
      if (row.status != EffectStatus.FAILED) {
        return new Rerun.NotFailed(stored(row));
      }
      Instant now = loop.now();
      row.status = EffectStatus.PENDING;
      row.attemptsBefore = row.attempts;
      row.nextAttemptAt = now;
      row.expiresAt = now.plus(EXPIRE_AFTER);
      row.finishedAt = null;
      row.lastError = null;
      line(row);
      return new Rerun.Done(stored(row));
    });
  }

  private static StoredEffect stored(Row row) {
    return new StoredEffect(
        row.effect.id(),
        row.sid,
        row.key,
        row.effect.kind().word(),
        row.effect.dedupeKey(),
        row.effect.payload(),
        row.status,
        row.attempts,
        row.lastError,
        row.createdAt,
        row.expiresAt,
        row.lastAttemptAt,
        row.nextAttemptAt,
        row.leaseUntil,
        row.finishedAt);
  }
}
