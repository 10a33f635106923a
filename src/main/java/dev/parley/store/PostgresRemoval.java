package dev.parley.store;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What PostgreSQL need not keep. It locks only rows that no commit touches: frames of ended turns,
/// the rows of those turns, rows of deleted sessions, and what was spent long ago.
///
/// What a statement has picked goes on as an array: few rows to the planner, however many there
/// are, so that it looks each of them up and never reads a table from end to end.
public final class PostgresRemoval implements Removal {
  /// Frames of a session have no gaps, so that counting from its first one tells where the limit of
  /// the statement falls, and each session is left with a range to remove.
  static final String FRAMES =
      """
      WITH old AS MATERIALIZED (
        SELECT sid, turn_id, last_frame FROM turns
         WHERE frames_kept AND completed_at < $1
         ORDER BY completed_at LIMIT $2
      ), span AS (
        SELECT o.sid, o.last, coalesce(f.seq, o.last + 1) AS first
          FROM (SELECT sid, max(last_frame) AS last FROM old GROUP BY sid) o
          LEFT JOIN LATERAL (
            SELECT seq FROM frames WHERE sid = o.sid ORDER BY seq LIMIT 1) f ON true
      ), counted AS (
        SELECT sid, last, first,
               coalesce(
                 sum(greatest(last - first + 1, 0))
                   OVER (ORDER BY sid ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
                 AS before
          FROM span
      ), cut AS MATERIALIZED (
        SELECT sid, first,
               least(last, first - 1 + greatest($3::bigint - before, 0))::bigint AS last
          FROM counted
      ), done AS MATERIALIZED (
        SELECT o.sid, o.turn_id
          FROM old o JOIN cut c ON c.sid = o.sid AND o.last_frame <= c.last
      ), removed AS (
        DELETE FROM frames f
         USING unnest(
                 ARRAY(SELECT sid FROM cut ORDER BY sid),
                 ARRAY(SELECT first FROM cut ORDER BY sid),
                 ARRAY(SELECT last FROM cut ORDER BY sid)) AS c (sid, first, last)
         WHERE f.sid = c.sid AND f.seq BETWEEN c.first AND c.last
        RETURNING 1
      ), emptied AS (
        UPDATE turns t SET frames_kept = false
          FROM unnest(
                 ARRAY(SELECT sid FROM done ORDER BY sid, turn_id),
                 ARRAY(SELECT turn_id FROM done ORDER BY sid, turn_id)) AS d (sid, turn_id)
         WHERE t.sid = d.sid AND t.turn_id = d.turn_id
        RETURNING 1
      )
      SELECT (SELECT count(*) FROM emptied)::integer, (SELECT count(*) FROM removed)::integer
      """;

  /// The tables of a session and their keys: those first without which it cannot be claimed or
  /// read.
  static final Map<String, List<String>> TABLES = tables();

  static final String DELETED =
      "SELECT sid FROM sessions WHERE deleted_at < $1 ORDER BY deleted_at LIMIT $2";

  static final String SESSIONS =
      """
      WITH %s, removed AS MATERIALIZED (
        SELECT * FROM (VALUES %s) AS r (rows)
      ), named AS (
        DELETE FROM sessions
         WHERE sid = ANY($1) AND deleted_at IS NOT NULL
           AND (SELECT max(rows) FROM removed) < $2
        RETURNING 1
      )
      SELECT (SELECT count(*) FROM named)::integer, (SELECT sum(rows) FROM removed)::integer
      """
          .formatted(
              TABLES.entrySet().stream()
                  .map(table -> ofTable(table.getKey(), table.getValue()))
                  .collect(Collectors.joining(", ")),
              TABLES.keySet().stream()
                  .map("((SELECT count(*) FROM of_%s))"::formatted)
                  .collect(Collectors.joining(", ")));

  /// A clock that went back may have a commit add to an old day: that row is left to the next time.
  static final String TOKENS =
      """
      WITH old AS MATERIALIZED (
        SELECT user_id, day FROM user_tokens
         WHERE day < $1
         ORDER BY day LIMIT $2
           FOR UPDATE SKIP LOCKED
      ), removed AS (
        DELETE FROM user_tokens t
         USING unnest(
                 ARRAY(SELECT user_id::text FROM old ORDER BY day, user_id),
                 ARRAY(SELECT day FROM old ORDER BY day, user_id)) AS o (user_id, day)
         WHERE t.user_id = o.user_id AND t.day = o.day
        RETURNING 1
      )
      SELECT count(*)::integer FROM removed
      """;

  /// An entry has some 40 bytes. Pages of an index are used again and never given back, so that
  /// what there is beyond several times the need was needed once.
  static final String OVERSIZED =
      """
      SELECT 1 FROM pg_stat_user_tables
       WHERE relid = 'frames'::regclass
         AND pg_relation_size('frames_pkey') > greatest($1::bigint, 320 * n_live_tup)
      """;

  /// What an attempt leaves that died.
  private static final List<String> LEFTOVERS = List.of("frames_pkey_ccnew", "frames_pkey_ccold");

  private final Database database;
  private final long indexBytesMin;

  /// @param indexBytesMin an index of frames up to this size is left as it is
  public PostgresRemoval(Database database, long indexBytesMin) {
    this.database = database;
    this.indexBytesMin = indexBytesMin;
  }

  @Override
  public Uni<OldFrames> frames(Instant endedBefore, int turnsMax, int framesMax) {
    return database
        .query(
            FRAMES,
            Tuple.of(endedBefore.atOffset(ZoneOffset.UTC), (long) turnsMax, (long) framesMax))
        .map(rows -> {
          Row row = rows.iterator().next();
          return new OldFrames(row.getInteger(0), row.getInteger(1));
        });
  }

  /// Which sessions those are is asked before, so that where there are none, as nearly always, the
  /// large statement is not.
  @Override
  public Uni<DeletedSessions> sessions(Instant deletedBefore, int sessionsMax, int rowsMax) {
    return database
        .query(DELETED, Tuple.of(deletedBefore.atOffset(ZoneOffset.UTC), (long) sessionsMax))
        .flatMap(rows -> {
          List<Long> sids = new ArrayList<>(rows.size());
          rows.forEach(row -> sids.add(row.getLong(0)));
          return sids.isEmpty()
              ? Uni.createFrom().item(new DeletedSessions(0, 0))
              : remove(sids, rowsMax);
        });
  }

  @Override
  public Uni<Integer> tokens(Instant endedBefore, int rowsMax) {
    return database
        .query(TOKENS, Tuple.of(SpentTokens.day(endedBefore), (long) rowsMax))
        .map(rows -> rows.iterator().next().getInteger(0));
  }

  @Override
  public Uni<Boolean> shrink() {
    return database
        .query(OVERSIZED, Tuple.of(indexBytesMin))
        .flatMap(rows -> {
          if (rows.size() == 0) {
            return Uni.createFrom().item(false);
          }
          Uni<Void> work = Uni.createFrom().voidItem();
          for (String leftover : LEFTOVERS) {
            work =
                work.flatMap(
                    _ -> database.maintain("DROP INDEX CONCURRENTLY IF EXISTS " + leftover));
          }
          return work.flatMap(_ -> database.maintain("REINDEX INDEX CONCURRENTLY frames_pkey"))
              .replaceWith(true);
        });
  }

  private Uni<DeletedSessions> remove(List<Long> sids, int rowsMax) {
    return database
        .query(
            SESSIONS,
            Tuple.tuple().addArrayOfLong(sids.toArray(Long[]::new)).addLong((long) rowsMax))
        .map(rows -> {
          Row row = rows.iterator().next();
          return new DeletedSessions(row.getInteger(0), row.getInteger(1));
        });
  }

  private static Map<String, List<String>> tables() {
    Map<String, List<String>> tables = new LinkedHashMap<>();
    tables.put("heads", List.of("sid"));
    tables.put("snapshots", List.of("sid"));
    tables.put("deliveries", List.of("sid"));
    tables.put("sends", List.of("sid", "client_message_id"));
    tables.put("messages", List.of("sid", "ord"));
    tables.put("turns", List.of("sid", "turn_id"));
    tables.put("effects", List.of("id"));
    tables.put("events", List.of("sid", "seq"));
    tables.put("frames", List.of("sid", "seq"));
    return tables;
  }

  /// Rows are named by their keys and not by where they are: one that a claim or an effect changes
  /// at this moment is removed all the same.
  private static String ofTable(String table, List<String> key) {
    return """
    of_%1$s AS (
      DELETE FROM %1$s t
       USING (SELECT r.* FROM unnest($1::bigint[]) AS g (sid)
               CROSS JOIN LATERAL (SELECT %2$s FROM %1$s WHERE sid = g.sid LIMIT $2) r LIMIT $2) r
       WHERE %3$s
      RETURNING 1
    )\
    """
        .formatted(
            table,
            String.join(", ", key),
            key.stream().map("t.%1$s = r.%1$s"::formatted).collect(Collectors.joining(" AND ")));
  }
}
