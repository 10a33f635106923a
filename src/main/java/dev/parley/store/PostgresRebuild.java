package dev.parley.store;

import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Absent;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import dev.parley.store.Replay.StoredFrames;
import dev.parley.store.json.SnapshotJson;
import dev.parley.store.json.UnreadableException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes sessions' snapshots, read tables, places in lists and heads again, from their events and
/// by the rules that commits go by. A session is done in one transaction that holds its head, so
/// that it is either as it was or made again, and a commit that comes meanwhile is not applied.
///
/// What no event tells is not made again: the agent's checkpoint, which is a hint, and what clients
/// have acknowledged.
public final class PostgresRebuild {
  private static final String WRITE =
      Columns.numbered(
          "WITH up AS (SELECT ?::bigint AS sid)\n" + DerivedStatement.SQL + "SELECT sid FROM up");

  private final Database database;
  private final Settings settings;

  /// @param pageEventsMax events read at a time
  /// @param pageBytesMax their bytes
  /// @param pageSessionsMax sessions whose numbers are read at a time
  public record Settings(int pageEventsMax, int pageBytesMax, int pageSessionsMax) {}

  /// A session by its name and its number.
  public record Named(long sid, SessionKey key) {}

  /// What came of one session.
  public sealed interface Outcome {

    /// @param events that it was made from; 0: its number is only reserved
    record Made(long events) implements Outcome {}

    /// It is as it was: its events cannot be read, or its head or its frames tell that some of them
    /// are lost.
    record Unreadable(String why) implements Outcome {}
  }

  private record Head(long eventSeq, long frameSeq) {}

  public PostgresRebuild(Database database, Settings settings) {
    this.database = database;
    this.settings = settings;
  }

  /// The next sessions after `afterSid`, by number, without deleted ones; none: those were all.
  public Uni<List<Named>> sessions(long afterSid) {
    return database
        .query(
            """
            SELECT sid, user_id, agent_id, thread_id FROM sessions
             WHERE sid > $1 AND deleted_at IS NULL ORDER BY sid LIMIT $2
            """,
            Tuple.of(afterSid, (long) settings.pageSessionsMax()))
        .map(rows -> {
          List<Named> sessions = new ArrayList<>(rows.size());
          for (Row row : rows) {
            sessions.add(
                new Named(
                    row.getLong(0),
                    new SessionKey(row.getString(1), row.getString(2), row.getString(3))));
          }
          return sessions;
        });
  }

  /// Makes one session again. Fails with [StoreUnavailableException] while the store is away, and
  /// has changed nothing then.
  public Uni<Outcome> rebuild(long sid) {
    return database
        .transaction(statements ->
            lock(statements, sid)
                .call(() -> clear(statements, sid))
                .flatMap(head ->
                    replay(statements, sid)
                        .call(replay -> finish(statements, sid, head.orElse(null), replay))))
        .<Outcome>map(replay -> new Outcome.Made(replay.state().eventSeq()))
        .onFailure(UnreadableException.class)
        .recoverWithItem(e -> new Outcome.Unreadable(String.valueOf(e.getMessage())))
        .onFailure(PgException.class)
        .recoverWithItem(e ->
            new Outcome.Unreadable(
                "session %d: the tables refuse what follows from its events, SQLSTATE %s"
                    .formatted(sid, e.getSqlState())));
  }

  private static Uni<Optional<Head>> lock(Database.Statements statements, long sid) {
    return statements
        .query("SELECT event_seq, frame_seq FROM heads WHERE sid = $1 FOR UPDATE", Tuple.of(sid))
        .map(rows ->
            rows.size() == 0
                ? Optional.empty()
                : Optional.of(new Head(first(rows).getLong(0), first(rows).getLong(1))));
  }

  private static Uni<?> clear(Database.Statements statements, long sid) {
    return statements.query(
        """
        WITH t AS (DELETE FROM turns WHERE sid = $1),
             m AS (DELETE FROM messages WHERE sid = $1),
             s AS (DELETE FROM sends WHERE sid = $1)
        DELETE FROM snapshots WHERE sid = $1
        """,
        Tuple.of(sid));
  }

  private Uni<Replay> replay(Database.Statements statements, long sid) {
    Replay replay = new Replay(sid, new Absent());
    return Multi.createBy()
        .repeating()
        .uni(() -> page(statements, sid, replay))
        .whilst(found -> found)
        .collect()
        .last()
        .replaceWith(replay);
  }

  /// Takes in one page of events and writes what follows from it.
  ///
  /// @return whether there were any
  private Uni<Boolean> page(Database.Statements statements, long sid, Replay replay) {
    return statements
        .query(
            """
            SELECT seq, frame_seq, type, version, payload
              FROM (SELECT page.*, octet_length(payload) AS bytes,
                           sum(octet_length(payload)) OVER (ORDER BY seq) AS bytes_to
                      FROM (SELECT seq, frame_seq, type, version, payload FROM events
                             WHERE sid = $1 AND seq > $2 ORDER BY seq LIMIT $3) page) sized
             WHERE bytes_to <= $4 OR bytes_to = bytes
             ORDER BY seq
            """,
            Tuple.of(
                sid,
                replay.state().eventSeq(),
                (long) settings.pageEventsMax(),
                (long) settings.pageBytesMax()))
        .flatMap(rows -> {
          if (rows.size() == 0) {
            return Uni.createFrom().item(false);
          }
          Projection projection = replay.next(events(rows));
          return write(
                  statements, new DerivedRows(sid, projection, replay.state(), false, null, null))
              .replaceWith(true);
        });
  }

  private static List<StoredEvent> events(RowSet<Row> rows) {
    List<StoredEvent> events = new ArrayList<>(rows.size());
    for (Row row : rows) {
      events.add(
          new StoredEvent(
              row.getLong(0), row.getLong(1), row.getString(2), row.getShort(3), row.getString(4)));
    }
    return events;
  }

  private static Uni<?> write(Database.Statements statements, DerivedRows rows) {
    Tuple parameters = Tuple.of(rows.sid());
    DerivedStatement.add(parameters, List.of(rows));
    return statements.query(WRITE, parameters);
  }

  /// With all events taken in: what shows the state, and the heads.
  private static Uni<?> finish(
      Database.Statements statements, long sid, @Nullable Head head, Replay replay) {
    SessionState state = replay.state();
    long firstFrame =
        state instanceof Streaming streaming ? streaming.turn().firstFrame() : Long.MAX_VALUE;
    return statements
        .query(
            """
            SELECT s.created_at IS NOT NULL,
                   (SELECT seq FROM frames WHERE sid = $1 ORDER BY seq DESC LIMIT 1),
                   (SELECT count(*) FROM frames WHERE sid = $1 AND seq > $2)
              FROM sessions s WHERE sid = $1
            """,
            Tuple.of(sid, firstFrame))
        .flatMap(rows -> {
          Row row = first(rows);
          if (state instanceof Absent && row.getBoolean(0)) {
            throw replay.unreadable("event 1 is missing");
          }
          long frameHead = replay.frameHead(new StoredFrames(row.getLong(1), row.getLong(2)));
          if (head != null) {
            replay.compare(head.eventSeq(), head.frameSeq(), frameHead);
          }
          return write(statements, shown(sid, state))
              .flatMap(_ -> heads(statements, sid, state.eventSeq(), frameHead));
        });
  }

  private static DerivedRows shown(long sid, SessionState state) {
    return new DerivedRows(
        sid,
        Projection.of(state, List.of()),
        state,
        true,
        state instanceof Present present ? SnapshotJson.encode(present) : null,
        null);
  }

  /// The heads, and which turns' frames are kept: those that end behind the first one that is.
  private static Uni<?> heads(
      Database.Statements statements, long sid, long eventSeq, long frameSeq) {
    return statements.query(
        """
        WITH h AS (
          INSERT INTO heads AS h (sid, event_seq, frame_seq) VALUES ($1, $2, $3)
          ON CONFLICT (sid) DO UPDATE
            SET event_seq = excluded.event_seq, frame_seq = excluded.frame_seq
            WHERE (h.event_seq, h.frame_seq) <> (excluded.event_seq, excluded.frame_seq)
        )
        UPDATE turns SET frames_kept = false
         WHERE sid = $1
           AND last_frame < coalesce(
             (SELECT seq FROM frames WHERE sid = $1 ORDER BY seq LIMIT 1), 9223372036854775807)
        """,
        Tuple.of(sid, eventSeq, frameSeq));
  }

  private static Row first(RowSet<Row> rows) {
    return rows.iterator().next();
  }
}
