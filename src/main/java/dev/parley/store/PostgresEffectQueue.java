package dev.parley.store;

import dev.parley.content.JsonText;
import dev.parley.session.Effect;
import dev.parley.session.SessionKey;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/// Discrete effects in PostgreSQL. Each call is one autocommit statement: no lock is held while an
/// effect is executed.
public final class PostgresEffectQueue implements EffectQueue {
  private final Database database;

  public PostgresEffectQueue(Database database) {
    this.database = database;
  }

  /// Goes from session to session along the index of unfinished webhooks, one probe each, however
  /// many of them a session has.
  @Override
  public Uni<Due> due(long afterSid, int sessionsMax) {
    return database
        .query(
            """
            WITH RECURSIVE round(n, sid) AS (
              SELECT 0, $1::bigint
              UNION ALL
              SELECT r.n + 1,
                     (SELECT e.sid FROM effects e
                       WHERE e.kind = 'call_webhook' AND e.status IN ('pending', 'executing')
                         AND e.sid > r.sid
                       ORDER BY e.sid LIMIT 1)
                FROM round r WHERE r.sid IS NOT NULL AND r.n < $2
            ), looked AS (
              SELECT r.sid, h.due
                FROM round r
                LEFT JOIN LATERAL (
                  SELECT CASE e.status WHEN 'pending' THEN e.next_attempt_at <= now()
                                       ELSE e.lease_until <= now() END AS due
                    FROM effects e
                   WHERE e.kind = 'call_webhook' AND e.status IN ('pending', 'executing')
                     AND e.sid = r.sid
                     AND (e.expires_at > now() OR e.lease_until > now())
                     AND EXISTS (
                       SELECT FROM sessions s WHERE s.sid = e.sid AND s.deleted_at IS NULL)
                   ORDER BY e.event_seq, e.ord LIMIT 1) h ON true
               WHERE r.n > 0 AND r.sid IS NOT NULL
            )
            SELECT array_agg(sid ORDER BY sid) FILTER (WHERE due),
                   CASE WHEN count(*) = $2 THEN max(sid) ELSE 0 END
              FROM looked
            """,
            Tuple.of(afterSid, sessionsMax))
        .map(rows -> {
          Row row = rows.iterator().next();
          Long[] sids = row.getArrayOfLongs(0);
          return new Due(sids == null ? List.of() : Arrays.asList(sids), row.getLong(1));
        });
  }

  /// What is due is asked again of the row that is locked: another claim may have come first.
  @Override
  public Uni<List<ClaimedEffect>> claim(Collection<Long> sids, Duration lease) {
    return database
        .query(
            """
            WITH head AS (
              SELECT h.id, s.user_id, s.agent_id, s.thread_id
                FROM sessions s
                CROSS JOIN LATERAL (
                  SELECT e.id
                    FROM effects e
                   WHERE e.kind = 'call_webhook' AND e.status IN ('pending', 'executing')
                     AND e.sid = s.sid
                     AND (e.expires_at > now() OR e.lease_until > now())
                   ORDER BY e.event_seq, e.ord LIMIT 1) h
               WHERE s.sid = ANY($1::bigint[]) AND s.deleted_at IS NULL
            ), due AS (
              SELECT e.id, h.user_id, h.agent_id, h.thread_id
                FROM effects e JOIN head h ON h.id = e.id
               WHERE (e.status = 'pending' AND e.next_attempt_at <= now())
                  OR (e.status = 'executing' AND e.lease_until <= now())
                 FOR UPDATE OF e SKIP LOCKED
            )
            UPDATE effects e
               SET status = 'executing', attempts = e.attempts + 1, last_attempt_at = now(),
                   next_attempt_at = NULL,
                   lease_until = now() + $2::bigint * interval '1 millisecond'
              FROM due d WHERE e.id = d.id
            RETURNING e.id, e.sid, e.payload, e.attempts, e.attempts_before,
                      d.user_id, d.agent_id, d.thread_id
            """,
            Tuple.tuple().addArrayOfLong(sids.toArray(Long[]::new)).addLong(lease.toMillis()))
        .map(rows -> {
          List<ClaimedEffect> claimed = new ArrayList<>(rows.size());
          rows.forEach(row -> claimed.add(claimed(row)));
          return claimed;
        });
  }

  private static ClaimedEffect claimed(Row row) {
    return new ClaimedEffect(
        row.getString("id"),
        row.getLong("sid"),
        new SessionKey(
            row.getString("user_id"), row.getString("agent_id"), row.getString("thread_id")),
        Effect.Kind.CALL_WEBHOOK,
        new JsonText(row.getString("payload")),
        row.getInteger("attempts"),
        row.getInteger("attempts_before"));
  }

  @Override
  public Uni<Boolean> complete(String id, int attempts) {
    return changed(
        """
        UPDATE effects SET status = 'completed', lease_until = NULL, finished_at = now()
         WHERE id = $1 AND attempts = $2 AND status = 'executing'
        """,
        Tuple.of(id, attempts));
  }

  @Override
  public Uni<Boolean> retry(String id, int attempts, Duration pause, String error) {
    return changed(
        """
        UPDATE effects
           SET status = 'pending', lease_until = NULL, last_error = $4,
               next_attempt_at = now() + $3::bigint * interval '1 millisecond'
         WHERE id = $1 AND attempts = $2 AND status = 'executing'
        """,
        Tuple.of(id, attempts, pause.toMillis(), error));
  }

  @Override
  public Uni<Boolean> fail(String id, int attempts, String error) {
    return changed(
        """
        UPDATE effects
           SET status = 'failed', lease_until = NULL, finished_at = now(), last_error = $3
         WHERE id = $1 AND attempts = $2 AND status = 'executing'
        """,
        Tuple.of(id, attempts, error));
  }

  private Uni<Boolean> changed(String sql, Tuple parameters) {
    return database.query(sql, parameters).map(rows -> rows.rowCount() == 1);
  }

  @Override
  public Uni<Integer> expire(int max) {
    return database
        .query(
            """
            WITH old AS MATERIALIZED (
              SELECT id FROM effects
               WHERE status IN ('pending', 'executing') AND expires_at <= now()
                 AND (lease_until IS NULL OR lease_until <= now())
               ORDER BY expires_at LIMIT $1
                 FOR UPDATE SKIP LOCKED
            )
            UPDATE effects e
               SET status = 'failed', lease_until = NULL, next_attempt_at = NULL,
                   finished_at = now(),
                   last_error = 'expired' || coalesce('; before that: ' || e.last_error, '')
              FROM old WHERE e.id = old.id
            """,
            Tuple.of(max))
        .map(rows -> rows.rowCount());
  }

  @Override
  public Uni<Integer> removeCompleted(Duration age, int max) {
    return database
        .query(
            """
            WITH old AS MATERIALIZED (
              SELECT id FROM effects
               WHERE status = 'completed'
                 AND finished_at <= now() - $1::bigint * interval '1 millisecond'
               ORDER BY finished_at LIMIT $2
                 FOR UPDATE SKIP LOCKED
            )
            DELETE FROM effects e USING old WHERE e.id = old.id
            """,
            Tuple.of(age.toMillis(), max))
        .map(rows -> rows.rowCount());
  }
}
