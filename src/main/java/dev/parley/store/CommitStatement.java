package dev.parley.store;

import static dev.parley.store.Columns.longs;
import static dev.parley.store.Columns.strings;
import static dev.parley.store.Columns.times;

import dev.parley.session.Effect;
import dev.parley.store.Columns.Of;
import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/// The statement that commits a batch: compare and move the heads, and write what belongs to those
/// that moved. One autocommit statement, so one round trip and no lock held between two of them.
///
/// Most batches carry tokens only; they take the short form, without the tables of events.
final class CommitStatement {
  private static final String HEADS =
      """
      WITH b AS (
        SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],
                             ?::bigint[], ?::uuid[])
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
          FROM unnest(?::bigint[], ?::bigint[], ?::text[]) AS f(sid, seq, payload)
          JOIN up ON up.sid = f.sid
      )
      """;

  private static final String EVENTS =
      """
      , ev AS (
        INSERT INTO events (sid, seq, type, version, frame_seq, payload, created_at)
        SELECT e.sid, e.seq, e.type, e.version, e.frame_seq, e.payload, e.created_at
          FROM unnest(?::bigint[], ?::bigint[], ?::text[], ?::smallint[], ?::bigint[],
                      ?::text[], ?::timestamptz[])
            AS e(sid, seq, type, version, frame_seq, payload, created_at)
          JOIN up ON up.sid = e.sid
      ), ef AS (
        INSERT INTO effects (id, sid, kind, dedupe_key, payload, event_seq, ord, expires_at)
        SELECT e.id, e.sid, e.kind, e.dedupe_key, e.payload, up.event_seq, e.ord,
               now() + ?::bigint * interval '1 millisecond'
          FROM unnest(?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[])
               WITH ORDINALITY AS e(id, sid, kind, dedupe_key, payload, ord)
          JOIN up ON up.sid = e.sid
        ON CONFLICT (sid, dedupe_key) DO NOTHING
      )
      """;

  /// The only rows that sessions share. One statement that is in doubt and the next may want the
  /// same ones: both take them in the same order, and nobody else waits for any, so that no circle
  /// of waiting closes.
  private static final String TOKENS =
      """
      , tk AS (
        INSERT INTO user_tokens AS u (user_id, day, tokens)
        SELECT t.user_id, t.day, sum(t.tokens)::bigint
          FROM unnest(?::bigint[], ?::text[], ?::date[], ?::bigint[])
            AS t(sid, user_id, day, tokens)
          JOIN up ON up.sid = t.sid
         GROUP BY t.user_id, t.day
         ORDER BY t.user_id, t.day
        ON CONFLICT (user_id, day) DO UPDATE SET tokens = u.tokens + excluded.tokens
      )
      """;

  private static final String APPLIED = "SELECT sid FROM up";

  private static final String FRAMES_ONLY = Columns.numbered(HEADS + APPLIED);
  private static final String WHOLE =
      Columns.numbered(HEADS + EVENTS + TOKENS + DerivedStatement.SQL + APPLIED);

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
      tokens(tuple);
      DerivedStatement.add(tuple, batch.stream().map(PreparedAppend::derived).toList());
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
        .addLong(effectsExpireAfter.toMillis())
        .addArrayOfString(strings(rows, r -> r.row().id()))
        .addArrayOfLong(longs(rows, Of::sid))
        .addArrayOfString(strings(rows, r -> r.row().kind().word()))
        .addArrayOfString(strings(rows, r -> r.row().dedupeKey()))
        .addArrayOfString(strings(rows, r -> r.row().payload().text()));
  }

  private void tokens(Tuple tuple) {
    List<Of<SpentTokens>> rows = rows(PreparedAppend::spent);
    tuple
        .addArrayOfLong(longs(rows, Of::sid))
        .addArrayOfString(strings(rows, r -> r.row().userId()))
        .addArrayOfLocalDate(rows.stream().map(r -> r.row().day()).toArray(LocalDate[]::new))
        .addArrayOfLong(longs(rows, r -> r.row().tokens()));
  }

  private <T> List<Of<T>> rows(Function<PreparedAppend, List<T>> of) {
    return Columns.rows(batch, a -> a.append().sid(), of);
  }
}
