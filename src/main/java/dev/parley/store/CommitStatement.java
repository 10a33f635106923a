package dev.parley.store;

import dev.parley.session.Effect;
import dev.parley.session.SessionState.Core;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The statement that commits a batch: compare and move the heads, and write what belongs to those
/// that moved. One autocommit statement, so one round trip and no lock held between two of them.
///
/// Most batches carry tokens only; they take the short form, without the tables of events.
final class CommitStatement {
  private static final String HEADS =
      """
      WITH b AS (
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
                             $6::bigint[], $7::uuid[])
          AS t(sid, epoch, exp_event, new_event, exp_frame, new_frame, commit_id)
      ), ok AS MATERIALIZED (
        SELECT h.sid, b.new_event, b.new_frame, b.commit_id
          FROM heads h JOIN b ON b.sid = h.sid
         WHERE h.owner_epoch = b.epoch AND h.event_seq = b.exp_event AND h.frame_seq = b.exp_frame
           FOR NO KEY UPDATE OF h SKIP LOCKED
      ), up AS (
        UPDATE heads h
           SET event_seq = ok.new_event, frame_seq = ok.new_frame, last_commit = ok.commit_id
          FROM ok WHERE h.sid = ok.sid
        RETURNING h.sid, h.event_seq
      ), fr AS (
        INSERT INTO frames (sid, seq, payload)
        SELECT f.sid, f.seq, f.payload
          FROM unnest($8::bigint[], $9::bigint[], $10::text[]) AS f(sid, seq, payload)
          JOIN up ON up.sid = f.sid
      )
      """;

  private static final String EVENTS =
      """
      , ev AS (
        INSERT INTO events (sid, seq, type, version, frame_seq, payload, created_at)
        SELECT e.sid, e.seq, e.type, e.version, e.frame_seq, e.payload, e.created_at
          FROM unnest($11::bigint[], $12::bigint[], $13::text[], $14::smallint[], $15::bigint[],
                      $16::text[], $17::timestamptz[])
            AS e(sid, seq, type, version, frame_seq, payload, created_at)
          JOIN up ON up.sid = e.sid
      ), ef AS (
        INSERT INTO effects (id, sid, kind, dedupe_key, payload, event_seq, ord, expires_at)
        SELECT e.id, e.sid, e.kind, e.dedupe_key, e.payload, up.event_seq, e.ord,
               now() + $59::bigint * interval '1 millisecond'
          FROM unnest($18::text[], $19::bigint[], $20::text[], $21::text[], $22::text[])
               WITH ORDINALITY AS e(id, sid, kind, dedupe_key, payload, ord)
          JOIN up ON up.sid = e.sid
        ON CONFLICT (sid, dedupe_key) DO NOTHING
      ), tn AS (
        INSERT INTO turns (sid, turn_id, message_id, answer_id, status, first_frame, last_frame,
                           started_at, completed_at, reason)
        SELECT t.*
          FROM unnest($23::bigint[], $24::text[], $25::text[], $26::text[], $27::text[],
                      $28::bigint[], $29::bigint[], $30::timestamptz[], $31::timestamptz[],
                      $32::text[])
            AS t(sid, turn_id, message_id, answer_id, status, first_frame, last_frame, started_at,
                 completed_at, reason)
          JOIN up USING (sid)
        ON CONFLICT (sid, turn_id) DO UPDATE
          SET status = excluded.status, last_frame = excluded.last_frame,
              completed_at = excluded.completed_at, reason = excluded.reason
      ), ms AS (
        INSERT INTO messages (sid, ord, message_id, role, event_seq, discarded)
        SELECT m.sid, m.ord, m.message_id, m.role, m.event_seq, m.discarded
          FROM unnest($33::bigint[], $34::bigint[], $35::text[], $36::text[], $37::bigint[],
                      $38::boolean[])
            AS m(sid, ord, message_id, role, event_seq, discarded)
          JOIN up ON up.sid = m.sid
      ), sd AS (
        INSERT INTO sends (sid, client_message_id, message_id, turn_id, sent_at)
        SELECT s.sid, s.client_message_id, s.message_id, s.turn_id, s.sent_at
          FROM unnest($39::bigint[], $40::text[], $41::text[], $42::text[], $43::timestamptz[])
            AS s(sid, client_message_id, message_id, turn_id, sent_at)
          JOIN up ON up.sid = s.sid
      ), sn AS (
        INSERT INTO snapshots (sid, event_seq, payload)
        SELECT s.sid, s.event_seq, s.payload
          FROM unnest($44::bigint[], $45::bigint[], $46::text[]) AS s(sid, event_seq, payload)
          JOIN up ON up.sid = s.sid
        ON CONFLICT (sid) DO UPDATE
          SET event_seq = excluded.event_seq, payload = excluded.payload
      ), ss AS (
        UPDATE sessions s
           SET incarnation = n.incarnation, title = n.title, status = n.status,
               queue_length = n.queue_length, model = n.model,
               input_tokens = n.input_tokens, output_tokens = n.output_tokens,
               cache_read_tokens = n.cache_read_tokens,
               cache_creation_tokens = n.cache_creation_tokens,
               created_at = n.created_at, last_activity_at = n.last_activity_at
          FROM unnest($47::bigint[], $48::text[], $49::text[], $50::integer[], $51::text[],
                      $52::bigint[], $53::bigint[], $54::bigint[], $55::bigint[],
                      $56::timestamptz[], $57::timestamptz[], $58::text[])
            AS n(sid, title, status, queue_length, model, input_tokens, output_tokens,
                 cache_read_tokens, cache_creation_tokens, created_at, last_activity_at, incarnation)
          JOIN up ON up.sid = n.sid
         WHERE s.sid = n.sid
      )
      """;

  private static final String APPLIED = "SELECT sid FROM up";

  private static final String FRAMES_ONLY = HEADS + APPLIED;
  private static final String WHOLE = HEADS + EVENTS + APPLIED;

  private final List<PreparedAppend> batch;
  private final Duration effectsExpireAfter;
  private final boolean whole;

  /// @param effectsExpireAfter how long the effects in it may be tried
  CommitStatement(List<PreparedAppend> batch, Duration effectsExpireAfter) {
    this.batch = batch;
    this.effectsExpireAfter = effectsExpireAfter;
    this.whole = !batch.stream().allMatch(PreparedAppend::isFramesOnly);
  }

  String sql() {
    return whole ? WHOLE : FRAMES_ONLY;
  }

  Tuple parameters() {
    Tuple tuple = Tuple.tuple();
    heads(tuple);
    frames(tuple);
    if (whole) {
      events(tuple);
      effects(tuple);
      readTables(tuple);
      snapshots(tuple);
      sessions(tuple);
      tuple.addLong(effectsExpireAfter.toMillis());
    }
    return tuple;
  }

  private void heads(Tuple tuple) {
    tuple
        .addArrayOfLong(longs(batch, a -> a.append().sid()))
        .addArrayOfLong(longs(batch, a -> a.append().epoch()))
        .addArrayOfLong(longs(batch, a -> a.append().before().eventSeq()))
        .addArrayOfLong(longs(batch, a -> a.append().after().eventSeq()))
        .addArrayOfLong(longs(batch, a -> a.append().before().frameSeq()))
        .addArrayOfLong(longs(batch, a -> a.append().after().frameSeq()))
        .addArrayOfUUID(batch.stream().map(a -> a.append().commitId()).toArray(UUID[]::new));
  }

  private void frames(Tuple tuple) {
    List<Of<EncodedFrame>> rows = rows(PreparedAppend::frames);
    tuple
        .addArrayOfLong(longs(rows, Of::sid))
        .addArrayOfLong(longs(rows, r -> r.row().seq()))
        .addArrayOfString(strings(rows, r -> r.row().json()));
  }

  private void events(Tuple tuple) {
    List<Of<StoredEvent>> rows = rows(PreparedAppend::events);
    tuple
        .addArrayOfLong(longs(rows, Of::sid))
        .addArrayOfLong(longs(rows, r -> r.row().seq()))
        .addArrayOfString(strings(rows, r -> r.row().type()))
        .addArrayOfShort(rows.stream().map(r -> (short) r.row().version()).toArray(Short[]::new))
        .addArrayOfLong(longs(rows, r -> r.row().frameSeq()))
        .addArrayOfString(strings(rows, r -> r.row().payload()))
        .addArrayOfOffsetDateTime(times(rows(a -> a.append().events()), r -> r.row().event().at()));
  }

  private void effects(Tuple tuple) {
    List<Of<Effect>> rows = rows(a -> a.append().effects());
    tuple
        .addArrayOfString(strings(rows, r -> r.row().id()))
        .addArrayOfLong(longs(rows, Of::sid))
        .addArrayOfString(strings(rows, r -> r.row().kind().word()))
        .addArrayOfString(strings(rows, r -> r.row().dedupeKey()))
        .addArrayOfString(strings(rows, r -> r.row().payload().text()));
  }

  private void readTables(Tuple tuple) {
    List<Of<Projection.TurnRow>> turns = rows(a -> a.projection().turns());
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
    List<Of<Projection.MessageRow>> messages = rows(a -> a.projection().messages());
    tuple
        .addArrayOfLong(longs(messages, Of::sid))
        .addArrayOfLong(longs(messages, r -> r.row().ord()))
        .addArrayOfString(strings(messages, r -> r.row().id().value()))
        .addArrayOfString(strings(messages, r -> r.row().role()))
        .addArrayOfLong(longs(messages, r -> r.row().eventSeq()))
        .addArrayOfBoolean(messages.stream().map(r -> r.row().discarded()).toArray(Boolean[]::new));
    List<Of<Projection.SendRow>> sends = rows(a -> a.projection().sends());
    tuple
        .addArrayOfLong(longs(sends, Of::sid))
        .addArrayOfString(strings(sends, r -> r.row().id().value()))
        .addArrayOfString(strings(sends, r -> r.row().messageId().value()))
        .addArrayOfString(
            strings(sends, r -> r.row().turnId() == null ? null : r.row().turnId().value()))
        .addArrayOfOffsetDateTime(times(sends, r -> r.row().sentAt()));
  }

  private void snapshots(Tuple tuple) {
    List<PreparedAppend> rows = batch.stream().filter(a -> a.snapshot() != null).toList();
    tuple
        .addArrayOfLong(longs(rows, a -> a.append().sid()))
        .addArrayOfLong(longs(rows, a -> a.append().after().eventSeq()))
        .addArrayOfString(strings(rows, PreparedAppend::snapshot));
  }

  private void sessions(Tuple tuple) {
    List<Of<Present>> rows =
        batch.stream()
            .filter(a -> !a.append().events().isEmpty())
            .map(a -> new Of<>(a.append().sid(), (Present) a.append().after()))
            .toList();
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
  }

  /// A row and the session it belongs to.
  private record Of<T>(long sid, T row) {}

  private <T> List<Of<T>> rows(Function<PreparedAppend, List<T>> of) {
    return batch.stream()
        .flatMap(a -> of.apply(a).stream().map(row -> new Of<>(a.append().sid(), row)))
        .toList();
  }

  private static <T> Long[] longs(List<T> rows, Function<T, @Nullable Long> column) {
    return rows.stream().map(column).toArray(Long[]::new);
  }

  private static <T> String[] strings(List<T> rows, Function<T, @Nullable String> column) {
    return rows.stream().map(column).toArray(String[]::new);
  }

  private static <T> OffsetDateTime[] times(List<T> rows, Function<T, @Nullable Instant> column) {
    return rows.stream()
        .map(column)
        .map(at -> at == null ? null : at.atOffset(ZoneOffset.UTC))
        .toArray(OffsetDateTime[]::new);
  }
}
