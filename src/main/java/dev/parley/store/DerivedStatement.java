package dev.parley.store;

import static dev.parley.store.Columns.longs;
import static dev.parley.store.Columns.strings;
import static dev.parley.store.Columns.times;

import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Core;
import dev.parley.session.SessionState.Deleted;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import dev.parley.store.Columns.Of;
import io.vertx.mutiny.sqlclient.Tuple;
import java.util.List;
import java.util.function.Function;

/// The part of a statement that writes [DerivedRows], for those sessions that are in its `up
/// (sid)`.
final class DerivedStatement {
  static final String SQL =
      """
      , tn AS (
        INSERT INTO turns (sid, turn_id, message_id, answer_id, status, first_frame, last_frame,
                           started_at, completed_at, reason)
        SELECT t.*
          FROM unnest(?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[],
                      ?::bigint[], ?::bigint[], ?::timestamptz[], ?::timestamptz[],
                      ?::text[])
            AS t(sid, turn_id, message_id, answer_id, status, first_frame, last_frame, started_at,
                 completed_at, reason)
          JOIN up USING (sid)
        ON CONFLICT (sid, turn_id) DO UPDATE
          SET status = excluded.status, last_frame = excluded.last_frame,
              completed_at = excluded.completed_at, reason = excluded.reason
      ), ms AS (
        INSERT INTO messages (sid, ord, message_id, role, event_seq, discarded)
        SELECT m.sid, m.ord, m.message_id, m.role, m.event_seq, m.discarded
          FROM unnest(?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::bigint[],
                      ?::boolean[])
            AS m(sid, ord, message_id, role, event_seq, discarded)
          JOIN up ON up.sid = m.sid
      ), dc AS (
        UPDATE messages m SET discarded = true
          FROM unnest(?::bigint[], ?::bigint[]) AS d(sid, from_ord)
          JOIN up ON up.sid = d.sid
         WHERE m.sid = d.sid AND m.ord >= d.from_ord AND NOT m.discarded
      ), sd AS (
        INSERT INTO sends (sid, client_message_id, message_id, turn_id, sent_at)
        SELECT s.sid, s.client_message_id, s.message_id, s.turn_id, s.sent_at
          FROM unnest(?::bigint[], ?::text[], ?::text[], ?::text[], ?::timestamptz[])
            AS s(sid, client_message_id, message_id, turn_id, sent_at)
          JOIN up ON up.sid = s.sid
      ), sn AS (
        INSERT INTO snapshots (sid, event_seq, payload, checkpoint)
        SELECT s.sid, s.event_seq, s.payload, s.checkpoint
          FROM unnest(?::bigint[], ?::bigint[], ?::text[], ?::text[])
            AS s(sid, event_seq, payload, checkpoint)
          JOIN up ON up.sid = s.sid
        ON CONFLICT (sid) DO UPDATE
          SET event_seq = excluded.event_seq, payload = excluded.payload,
              checkpoint = excluded.checkpoint
      ), ss AS (
        UPDATE sessions s
           SET incarnation = n.incarnation, title = n.title, status = n.status,
               queue_length = n.queue_length, model = n.model,
               input_tokens = n.input_tokens, output_tokens = n.output_tokens,
               cache_read_tokens = n.cache_read_tokens,
               cache_creation_tokens = n.cache_creation_tokens,
               created_at = n.created_at, last_activity_at = n.last_activity_at
          FROM unnest(?::bigint[], ?::text[], ?::text[], ?::integer[], ?::text[],
                      ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],
                      ?::timestamptz[], ?::timestamptz[], ?::text[])
            AS n(sid, title, status, queue_length, model, input_tokens, output_tokens,
                 cache_read_tokens, cache_creation_tokens, created_at, last_activity_at, incarnation)
          JOIN up ON up.sid = n.sid
         WHERE s.sid = n.sid
      ), dl AS (
        UPDATE sessions s
           SET deleted_at = n.deleted_at, title = NULL, model = NULL, status = 'idle',
               queue_length = 0
          FROM unnest(?::bigint[], ?::timestamptz[]) AS n(sid, deleted_at)
          JOIN up ON up.sid = n.sid
         WHERE s.sid = n.sid
      )
      """;

  private DerivedStatement() {}

  /// The parameters of [#SQL].
  static void add(Tuple tuple, List<DerivedRows> sessions) {
    readTables(tuple, sessions);
    snapshots(tuple, sessions);
    lists(tuple, sessions);
  }

  private static void readTables(Tuple tuple, List<DerivedRows> sessions) {
    List<Of<Projection.TurnRow>> turns = rows(sessions, p -> p.turns());
    tuple
        .addArrayOfLong(longs(turns, Of::sid))
        .addArrayOfString(strings(turns, r -> r.row().turnId().value()))
        .addArrayOfString(strings(turns, r -> r.row().messageId().value()))
        .addArrayOfString(strings(turns, r -> r.row().answerId().value()))
        .addArrayOfString(strings(turns, r -> r.row().status()))
        .addArrayOfLong(longs(turns, r -> r.row().firstFrame()))
        .addArrayOfLong(longs(turns, r -> r.row().lastFrame()))
        .addArrayOfOffsetDateTime(times(turns, r -> r.row().startedAt()))
        .addArrayOfOffsetDateTime(times(turns, r -> r.row().completedAt()))
        .addArrayOfString(strings(turns, r -> r.row().reason()));
    List<Of<Projection.MessageRow>> messages = rows(sessions, p -> p.messages());
    tuple
        .addArrayOfLong(longs(messages, Of::sid))
        .addArrayOfLong(longs(messages, r -> r.row().ord()))
        .addArrayOfString(strings(messages, r -> r.row().id().value()))
        .addArrayOfString(strings(messages, r -> r.row().role()))
        .addArrayOfLong(longs(messages, r -> r.row().eventSeq()))
        .addArrayOfBoolean(messages.stream().map(r -> r.row().discarded()).toArray(Boolean[]::new));
    List<DerivedRows> discards =
        sessions.stream().filter(d -> d.projection().discardedFrom() != null).toList();
    tuple
        .addArrayOfLong(longs(discards, DerivedRows::sid))
        .addArrayOfLong(longs(discards, d -> d.projection().discardedFrom()));
    List<Of<Projection.SendRow>> sends = rows(sessions, p -> p.sends());
    tuple
        .addArrayOfLong(longs(sends, Of::sid))
        .addArrayOfString(strings(sends, r -> r.row().id().value()))
        .addArrayOfString(strings(sends, r -> r.row().messageId().value()))
        .addArrayOfString(
            strings(sends, r -> r.row().turnId() == null ? null : r.row().turnId().value()))
        .addArrayOfOffsetDateTime(times(sends, r -> r.row().sentAt()));
  }

  private static void snapshots(Tuple tuple, List<DerivedRows> sessions) {
    List<DerivedRows> rows = sessions.stream().filter(d -> d.snapshot() != null).toList();
    tuple
        .addArrayOfLong(longs(rows, DerivedRows::sid))
        .addArrayOfLong(longs(rows, d -> d.after().eventSeq()))
        .addArrayOfString(strings(rows, DerivedRows::snapshot))
        .addArrayOfString(strings(rows, DerivedRows::checkpoint));
  }

  private static void lists(Tuple tuple, List<DerivedRows> sessions) {
    List<DerivedRows> listed = sessions.stream().filter(DerivedRows::listed).toList();
    List<Of<Present>> rows = after(listed, Present.class);
    List<Core> cores = rows.stream().map(r -> r.row().core()).toList();
    tuple
        .addArrayOfLong(longs(rows, Of::sid))
        .addArrayOfString(strings(cores, Core::title))
        .addArrayOfString(strings(rows, r -> r.row() instanceof Streaming ? "streaming" : "idle"))
        .addArrayOfInteger(cores.stream().map(c -> c.queue().size()).toArray(Integer[]::new))
        .addArrayOfString(strings(cores, Core::model))
        .addArrayOfLong(longs(cores, c -> c.usage().inputTokens()))
        .addArrayOfLong(longs(cores, c -> c.usage().outputTokens()))
        .addArrayOfLong(longs(cores, c -> c.usage().cacheReadTokens()))
        .addArrayOfLong(longs(cores, c -> c.usage().cacheCreationTokens()))
        .addArrayOfOffsetDateTime(times(cores, Core::createdAt))
        .addArrayOfOffsetDateTime(times(cores, Core::lastActivityAt))
        .addArrayOfString(strings(cores, c -> c.incarnation().value()));
    List<Of<Deleted>> deleted = after(listed, Deleted.class);
    tuple
        .addArrayOfLong(longs(deleted, Of::sid))
        .addArrayOfOffsetDateTime(times(deleted, r -> r.row().at()));
  }

  /// Those whose state is one of these.
  private static <S extends SessionState> List<Of<S>> after(
      List<DerivedRows> sessions, Class<S> of) {
    return sessions.stream()
        .filter(d -> of.isInstance(d.after()))
        .map(d -> new Of<>(d.sid(), of.cast(d.after())))
        .toList();
  }

  private static <T> List<Of<T>> rows(
      List<DerivedRows> sessions, Function<Projection, List<T>> rows) {
    return Columns.rows(sessions, DerivedRows::sid, d -> rows.apply(d.projection()));
  }
}
