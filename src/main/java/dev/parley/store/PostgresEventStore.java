package dev.parley.store;

import dev.parley.content.MessageId;
import dev.parley.session.ChatMessage;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command.Regenerate;
import dev.parley.session.Event;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SendReceipt;
import dev.parley.session.SessionKey;
import dev.parley.store.json.EventJson;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Sessions in PostgreSQL.
public final class PostgresEventStore implements EventStore {
  static final String LOAD =
      """
      SELECT h.owner_epoch, h.event_seq, h.frame_seq, h.last_commit,
             s.payload AS snapshot, s.checkpoint,
             e.seqs, e.types, e.versions, e.frame_seqs, e.payloads
        FROM heads h
        LEFT JOIN snapshots s ON s.sid = h.sid
        CROSS JOIN LATERAL (
          SELECT array_agg(seq ORDER BY seq) AS seqs,
                 array_agg(type::text ORDER BY seq) AS types,
                 array_agg(version ORDER BY seq) AS versions,
                 array_agg(frame_seq ORDER BY seq) AS frame_seqs,
                 array_agg(payload ORDER BY seq) AS payloads
            FROM events
           WHERE sid = h.sid AND seq > coalesce(s.event_seq, 0)) e
       WHERE h.sid = $1
      """;

  private final Database database;
  private final ColdReads coldReads;
  private final SessionFold fold;

  /// @param pageFramesMax frames of a running turn read at a time
  /// @param pageBytesMax their bytes
  public record Settings(int pageFramesMax, int pageBytesMax) {}

  public PostgresEventStore(
      Database database, Outbox outbox, ColdReads coldReads, Settings settings) {
    this.database = database;
    this.coldReads = coldReads;
    this.fold = new SessionFold(outbox, settings.pageFramesMax(), settings.pageBytesMax());
  }

  @Override
  public Uni<OptionalLong> find(SessionKey key) {
    return database
        .query(
            """
            SELECT sid FROM sessions
             WHERE user_id = $1 AND agent_id = $2 AND thread_id = $3 AND deleted_at IS NULL
            """,
            Tuple.of(key.userId(), key.agentId(), key.threadId()))
        .map(PostgresEventStore::optional);
  }

  @Override
  public Uni<Boolean> hasSessions(String userId, int count) {
    return database
        .query(
            """
            SELECT EXISTS (
              SELECT FROM sessions
               WHERE user_id = $1 AND deleted_at IS NULL
              OFFSET $2 LIMIT 1) AS found
            """,
            Tuple.of(userId, (long) count - 1))
        .map(rows -> rows.iterator().next().getBoolean("found"));
  }

  @Override
  public Uni<Long> reserve(SessionKey key) {
    return database
        .query(
            """
            WITH s AS (
              INSERT INTO sessions (user_id, agent_id, thread_id)
              VALUES ($1, $2, $3)
              ON CONFLICT (user_id, agent_id, thread_id) WHERE deleted_at IS NULL DO NOTHING
              RETURNING sid
            )
            INSERT INTO heads (sid) SELECT sid FROM s RETURNING sid
            """,
            Tuple.of(key.userId(), key.agentId(), key.threadId()))
        .map(PostgresEventStore::optional)
        .flatMap(made ->
            made.isPresent()
                ? Uni.createFrom().item(made.getAsLong())
                : find(key)
                    .map(found ->
                        // It was there, and was deleted before it could be read.
                        found.orElseThrow(
                            () -> new RefusedException(new Refusal.SessionNotFound(key)))));
  }

  @Override
  public Uni<OptionalLong> claim(long sid, String node) {
    return database
        .query(
            """
            UPDATE heads SET owner_node = $2, owner_epoch = owner_epoch + 1
             WHERE sid = $1 RETURNING owner_epoch
            """,
            Tuple.of(sid, node))
        .map(PostgresEventStore::optional);
  }

  @Override
  public Uni<OptionalLong> reclaim(long sid, String node, long epoch) {
    return database
        .query(
            """
            UPDATE heads SET owner_node = $2, owner_epoch = owner_epoch + 1
             WHERE sid = $1 AND owner_node = $2 AND owner_epoch >= $3 RETURNING owner_epoch
            """,
            Tuple.of(sid, node, epoch))
        .map(PostgresEventStore::optional);
  }

  /// One statement is one instant: heads, snapshot and the events after it fit together. The frames
  /// of a running turn are read afterwards, up to the head that was seen: they never change.
  @Override
  public Uni<StoredSession> load(long sid) {
    return read(sid, true);
  }

  @Override
  public Uni<StoredSession> loadHead(long sid) {
    return read(sid, false);
  }

  private Uni<StoredSession> read(long sid, boolean withOutput) {
    return database
        .query(LOAD, Tuple.of(sid))
        .flatMap(rows ->
            rows.size() == 0
                ? Uni.createFrom().item(StoredSession.gone(sid))
                : fold.fold(rows(sid, first(rows)), withOutput));
  }

  @Override
  public Uni<Optional<Regenerate.Target>> target(long sid, @Nullable MessageId id) {
    return database
        .query(
            """
            SELECT m.message_id, m.ord, m.discarded, e.type, e.version, e.payload
              FROM messages m JOIN events e ON e.sid = m.sid AND e.seq = m.event_seq
             WHERE m.sid = $1 AND m.role = 'user'
               AND CASE WHEN $2::text IS NULL THEN NOT m.discarded
                        ELSE m.message_id = coalesce(
                          (SELECT t.message_id FROM turns t WHERE t.sid = $1 AND t.answer_id = $2),
                          $2)
                   END
             ORDER BY m.ord DESC LIMIT 1
            """,
            Tuple.of(sid, id == null ? null : id.value()))
        .map(rows -> rows.size() == 0 ? Optional.empty() : Optional.of(target(first(rows))));
  }

  private static Regenerate.Target target(Row row) {
    return SessionFold.target(
        row.getString("message_id"), event(row), row.getLong("ord"), row.getBoolean("discarded"));
  }

  private static Event event(Row row) {
    return EventJson.decode(
        row.getString("type"), row.getShort("version"), row.getString("payload"));
  }

  @Override
  public Uni<Optional<SendReceipt>> receipt(long sid, ClientMessageId id) {
    return coldReads.receipt(sid, id);
  }

  @Override
  public Uni<List<ChatMessage>> history(long sid, int messagesMax, int bytesMax) {
    return database
        .query(
            """
            SELECT message_id, type, version, payload
              FROM (SELECT m.ord, m.message_id, e.type, e.version, e.payload,
                           row_number() OVER newer AS place,
                           sum(octet_length(e.payload)) OVER newer AS bytes
                      FROM (SELECT * FROM messages WHERE sid = $1 AND NOT discarded
                             ORDER BY ord DESC LIMIT $2) m
                      JOIN events e ON e.sid = m.sid AND e.seq = m.event_seq
                    WINDOW newer AS (ORDER BY m.ord DESC ROWS UNBOUNDED PRECEDING)) h
             WHERE place = 1 OR bytes <= $3
             ORDER BY ord
            """,
            Tuple.of(sid, (long) messagesMax, (long) bytesMax))
        .map(rows -> {
          List<ChatMessage> messages = new ArrayList<>(rows.size());
          rows.forEach(
              row -> messages.add(SessionFold.message(row.getString("message_id"), event(row))));
          return messages;
        });
  }

  @Override
  public Uni<List<Unfinished>> unfinished(long afterSid, int limit) {
    return coldReads.unfinished(afterSid, limit);
  }

  private static SessionFold.Rows rows(long sid, Row row) {
    List<StoredEvent> events = new ArrayList<>();
    String[] types = row.getArrayOfStrings("types");
    if (types != null) {
      Long[] seqs = row.getArrayOfLongs("seqs");
      Short[] versions = row.getArrayOfShorts("versions");
      Long[] frameSeqs = row.getArrayOfLongs("frame_seqs");
      String[] payloads = row.getArrayOfStrings("payloads");
      for (int i = 0; i < types.length; i++) {
        events.add(new StoredEvent(seqs[i], frameSeqs[i], types[i], versions[i], payloads[i]));
      }
    }
    return new SessionFold.Rows(
        sid,
        row.getLong("owner_epoch"),
        row.getLong("event_seq"),
        row.getLong("frame_seq"),
        row.getUUID("last_commit"),
        row.getString("snapshot"),
        row.getString("checkpoint"),
        events);
  }

  private static OptionalLong optional(RowSet<Row> rows) {
    return rows.size() == 0 ? OptionalLong.empty() : OptionalLong.of(first(rows).getLong(0));
  }

  private static Row first(RowSet<Row> rows) {
    return rows.iterator().next();
  }
}
