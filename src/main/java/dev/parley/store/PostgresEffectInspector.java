package dev.parley.store;

import dev.parley.content.JsonText;
import dev.parley.session.SessionKey;
import dev.parley.store.entity.EffectEntity;
import dev.parley.store.entity.SessionEntity;
import dev.parley.store.json.UnreadableException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny.SelectionQuery;
import org.jspecify.annotations.Nullable;

/// Discrete effects in PostgreSQL, as operators see them: read through the entities, changed by one
/// statement.
public final class PostgresEffectInspector implements EffectInspector {
  /// What is left of a deleted session is nobody's any more.
  private static final String EFFECTS =
      """
      select e, s from EffectEntity e
        join SessionEntity s on s.sid = e.sid and s.deletedAt is null
      """;

  private final Database database;
  private final PanacheSession entities;
  private final Duration expireAfter;

  /// @param expireAfter how long after a re-run an effect may be tried
  public PostgresEffectInspector(Vertx vertx, Database database, Duration expireAfter) {
    this.database = database;
    this.expireAfter = expireAfter;
    this.entities = new PanacheSession(vertx, database);
  }

  /// Completed effects are most of all there are and are found by their ids alone; the others have
  /// an index of their own, which the second condition names.
  @Override
  public Uni<List<StoredEffect>> list(@Nullable EffectStatus status, String afterId, int limit) {
    String where =
        switch (status) {
          case null -> "where e.id > :after order by e.id";
          case COMPLETED -> "where e.id > :after and e.status = 'completed' order by e.id";
          case PENDING, EXECUTING, FAILED ->
              """
              where e.id > :after and e.status = '%s' and e.status <> 'completed'
              order by e.status, e.id
              """
                  .formatted(status.word());
        };
    return entities
        .read(() ->
            query(where)
                .flatMap(
                    q -> q.setParameter("after", afterId).setMaxResults(limit).getResultList()))
        .map(rows -> rows.stream().map(PostgresEffectInspector::effect).toList());
  }

  @Override
  public Uni<Optional<StoredEffect>> find(String id) {
    return entities
        .read(() ->
            query("where e.id = :id")
                .flatMap(q -> q.setParameter("id", id).getSingleResultOrNull()))
        .map(row -> Optional.ofNullable(row).map(PostgresEffectInspector::effect));
  }

  private static Uni<SelectionQuery<Object[]>> query(String where) {
    return Panache.getSession()
        .map(session -> session.createSelectionQuery(EFFECTS + where, Object[].class));
  }

  @Override
  public Uni<Rerun> rerun(String id) {
    return database
        .query(
            """
            UPDATE effects
               SET status = 'pending', attempts_before = attempts, next_attempt_at = now(),
                   expires_at = now() + $2::bigint * interval '1 millisecond',
                   finished_at = NULL, last_error = NULL
             WHERE id = $1 AND status = 'failed'
               AND EXISTS (
                 SELECT FROM sessions s WHERE s.sid = effects.sid AND s.deleted_at IS NULL)
            """,
            Tuple.of(id, expireAfter.toMillis()))
        .flatMap(rows ->
            find(id)
                .map(found ->
                    found
                        .<Rerun>map(effect ->
                            rows.rowCount() == 1
                                ? new Rerun.Done(effect)
                                : new Rerun.NotFailed(effect))
                        .orElseGet(Rerun.Unknown::new)));
  }

  private static StoredEffect effect(Object[] row) {
    EffectEntity effect = (EffectEntity) row[0];
    SessionEntity session = (SessionEntity) row[1];
    return new StoredEffect(
        effect.id,
        effect.sid,
        new SessionKey(session.userId, session.agentId, session.threadId),
        effect.kind,
        effect.dedupeKey,
        new JsonText(effect.payload),
        EffectStatus.of(effect.status)
            .orElseThrow(() -> new UnreadableException("unknown status of an effect", null)),
        effect.attempts,
        effect.lastError,
        effect.createdAt,
        effect.expiresAt,
        effect.lastAttemptAt,
        effect.nextAttemptAt,
        effect.leaseUntil,
        effect.finishedAt);
  }
}
