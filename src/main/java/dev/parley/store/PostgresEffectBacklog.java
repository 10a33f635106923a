package dev.parley.store;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Duration;

/// The outbox of discrete effects in PostgreSQL, counted over the indexes of what is not completed:
/// small ones, however many were.
public final class PostgresEffectBacklog implements EffectBacklog {
  private final Database database;

  public PostgresEffectBacklog(Database database) {
    this.database = database;
  }

  @Override
  public Uni<Backlog> read(int countMax) {
    return database
        .query(
            """
            SELECT u.effects AS unfinished, u.oldest_ms, f.effects AS failed
              FROM (SELECT count(*) AS effects,
                           (extract(epoch FROM now() - min(created_at)) * 1000)::bigint AS oldest_ms
                      FROM (SELECT created_at FROM effects
                             WHERE status IN ('pending', 'executing')
                             ORDER BY expires_at LIMIT $1) line) u,
                   (SELECT count(*) AS effects
                      FROM (SELECT FROM effects
                             WHERE status = 'failed' AND status <> 'completed' LIMIT $1) given_up) f
            """,
            Tuple.of(countMax))
        .map(rows -> backlog(rows.iterator().next()));
  }

  private static Backlog backlog(Row row) {
    Long oldestMs = row.getLong("oldest_ms");
    return new Backlog(
        row.getLong("unfinished"),
        row.getLong("failed"),
        oldestMs == null ? Duration.ZERO : Duration.ofMillis(Math.max(0, oldestMs)));
  }
}
