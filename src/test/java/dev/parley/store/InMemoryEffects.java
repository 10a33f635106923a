package dev.parley.store;

import dev.parley.session.Effect;
import dev.parley.store.InMemoryStore.Rows;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Discrete effects of the store in memory: what [PostgresEffectQueue] and
/// [PostgresEffectInspector] promise, by the store's clock and with its faults.
public final class InMemoryEffects implements EffectQueue, EffectInspector {
  /// How long after its commit, or after a re-run, an effect may be tried.
  public static final Duration EXPIRE_AFTER = Duration.ofHours(24);

  private final InMemoryStore store;

  public InMemoryEffects(InMemoryStore store) {
    this.store = store;
  }

  /// A stored effect.
  static final class Row {
    private final Effect effect;
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

    Row(Effect effect, Instant now) {
      this.effect = effect;
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

    void finish(EffectStatus as, Instant now) {
      status = as;
      leaseUntil = null;
      nextAttemptAt = null;
      finishedAt = now;
    }
  }

  /// An effect and its session.
  private record Found(long sid, Rows rows, Row row) {}

  // What a commit does.

  /// Whether PostgreSQL would refuse it: its id is taken, by another effect than the same again.
  static boolean refuses(Map<Long, Rows> sessions, long sid, Effect effect) {
    return sessions.entrySet().stream()
        .filter(session -> session.getValue().effects.containsKey(effect.id()))
        .anyMatch(session -> session.getKey() != sid || !has(session.getValue(), effect));
  }

  /// What an append wrote, less what is stored under its key already.
  static void add(Rows rows, List<Effect> effects, Instant now) {
    for (Effect effect : effects) {
      if (!has(rows, effect)) {
        rows.effects.put(effect.id(), new Row(effect, now));
      }
    }
  }

  private static boolean has(Rows rows, Effect effect) {
    return rows.effects.values().stream()
        .anyMatch(row -> row.effect.dedupeKey().equals(effect.dedupeKey()));
  }

  // The queue.

  @Override
  public Uni<Due> due(long afterSid, int sessionsMax) {
    return store.call(() -> {
      Instant now = store.now();
      List<Long> looked =
          store.sessions().tailMap(afterSid, false).entrySet().stream()
              .filter(e -> e.getValue().effects.values().stream().anyMatch(Row::isUnfinished))
              .map(Map.Entry::getKey)
              .limit(sessionsMax)
              .toList();
      return new Due(
          looked.stream().filter(sid -> due(sid, now).isPresent()).toList(),
          looked.size() == sessionsMax ? looked.getLast() : 0);
    });
  }

  private Optional<Found> due(long sid, Instant now) {
    return Optional.ofNullable(store.sessions().get(sid))
        .filter(rows -> rows.deletedAt == null)
        .flatMap(rows ->
            rows.effects.values().stream()
                .filter(row -> row.isUnfinished() && !row.isExpiredAt(now))
                .findFirst()
                .filter(row -> row.isDueAt(now))
                .map(row -> new Found(sid, rows, row)));
  }

  @Override
  public Uni<List<ClaimedEffect>> claim(Collection<Long> sids, Duration lease) {
    return store.call(() -> {
      Instant now = store.now();
      List<ClaimedEffect> claimed = new ArrayList<>();
      for (long sid : sids) {
        due(sid, now).ifPresent(found -> claimed.add(claim(found, now, lease)));
      }
      return claimed;
    });
  }

  private static ClaimedEffect claim(Found found, Instant now, Duration lease) {
    Row row = found.row;
    row.status = EffectStatus.EXECUTING;
    row.attempts++;
    row.lastAttemptAt = now;
    row.nextAttemptAt = null;
    row.leaseUntil = now.plus(lease);
    return new ClaimedEffect(
        row.effect.id(),
        found.sid,
        found.rows.key,
        row.effect.kind(),
        row.effect.payload(),
        row.attempts,
        row.attemptsBefore);
  }

  @Override
  public Uni<Boolean> complete(String id, int attempts) {
    return store.call(() -> {
      Optional<Row> current = current(id, attempts);
      current.ifPresent(row -> row.finish(EffectStatus.COMPLETED, store.now()));
      return current.isPresent();
    });
  }

  @Override
  public Uni<Boolean> retry(String id, int attempts, Duration pause, String error) {
    return store.call(() -> {
      Optional<Row> current = current(id, attempts);
      current.ifPresent(row -> {
        row.status = EffectStatus.PENDING;
        row.leaseUntil = null;
        row.nextAttemptAt = store.now().plus(pause);
        row.lastError = error;
      });
      return current.isPresent();
    });
  }

  @Override
  public Uni<Boolean> fail(String id, int attempts, String error) {
    return store.call(() -> {
      Optional<Row> current = current(id, attempts);
      current.ifPresent(row -> {
        row.finish(EffectStatus.FAILED, store.now());
        row.lastError = error;
      });
      return current.isPresent();
    });
  }

  private Optional<Row> current(String id, int attempts) {
    return named(id)
        .map(Found::row)
        .filter(row -> row.status == EffectStatus.EXECUTING && row.attempts == attempts);
  }

  @Override
  public Uni<Integer> expire(int max) {
    return store.call(() -> {
      Instant now = store.now();
      List<Row> old =
          all()
              .map(Found::row)
              .filter(row -> row.isExpiredAt(now))
              .sorted(Comparator.comparing(row -> row.expiresAt))
              .limit(max)
              .toList();
      for (Row row : old) {
        row.finish(EffectStatus.FAILED, now);
        row.lastError =
            "expired" + (row.lastError == null ? "" : "; before that: " + row.lastError);
      }
      return old.size();
    });
  }

  @Override
  public Uni<Integer> removeCompleted(Duration age, int max) {
    return store.call(() -> {
      Instant before = store.now().minus(age);
      List<Found> old =
          all()
              .filter(found ->
                  found.row.status == EffectStatus.COMPLETED
                      && found.row.finishedAt != null
                      && !found.row.finishedAt.isAfter(before))
              .limit(max)
              .toList();
      old.forEach(found -> found.rows.effects.remove(found.row.effect.id()));
      return old.size();
    });
  }

  // The inspector.

  @Override
  public Uni<List<StoredEffect>> list(@Nullable EffectStatus status, String afterId, int limit) {
    return store.call(() ->
        all()
            .map(InMemoryEffects::stored)
            .filter(effect -> status == null || effect.status() == status)
            .filter(effect -> effect.id().compareTo(afterId) > 0)
            .sorted(Comparator.comparing(StoredEffect::id))
            .limit(limit)
            .toList());
  }

  @Override
  public Uni<Optional<StoredEffect>> find(String id) {
    return store.call(() -> named(id).map(InMemoryEffects::stored));
  }

  @Override
  public Uni<Rerun> rerun(String id) {
    return store.call(() -> {
      Optional<Found> found = named(id);
      if (found.isEmpty()) {
        return new Rerun.Unknown();
      }
      Row row = found.get().row;
      if (row.status != EffectStatus.FAILED) {
        return new Rerun.NotFailed(stored(found.get()));
      }
      Instant now = store.now();
      row.status = EffectStatus.PENDING;
      row.attemptsBefore = row.attempts;
      row.nextAttemptAt = now;
      row.expiresAt = now.plus(EXPIRE_AFTER);
      row.finishedAt = null;
      row.lastError = null;
      return new Rerun.Done(stored(found.get()));
    });
  }

  /// What is stored of an effect, looked at past all faults.
  public StoredEffect peek(String id) {
    return named(id).map(InMemoryEffects::stored).orElseThrow();
  }

  private Optional<Found> named(String id) {
    return store.sessions().entrySet().stream()
        .filter(e -> e.getValue().effects.containsKey(id))
        .findFirst()
        .map(e -> new Found(e.getKey(), e.getValue(), row(e.getValue(), id)));
  }

  private static Row row(Rows rows, String id) {
    return Optional.ofNullable(rows.effects.get(id)).orElseThrow();
  }

  private Stream<Found> all() {
    return store.sessions().entrySet().stream()
        .flatMap(e ->
            e.getValue().effects.values().stream()
                .map(row -> new Found(e.getKey(), e.getValue(), row)));
  }

  private static StoredEffect stored(Found found) {
    Row row = found.row;
    return new StoredEffect(
        row.effect.id(),
        found.sid,
        found.rows.key,
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
