package dev.parley.store;

import dev.parley.content.TurnOutput;
import dev.parley.session.ChatMessage;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Frame;
import dev.parley.session.SendReceipt;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.store.json.EventJson;
import dev.parley.store.json.SnapshotJson;
import dev.parley.store.json.UnreadableException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Sessions in PostgreSQL.
public final class PostgresEventStore implements EventStore {
  private final Database database;
  private final Outbox outbox;
  private final ColdReads coldReads;
  private final Settings settings;

  /// @param pageFramesMax frames of a running turn read at a time
  /// @param pageBytesMax their bytes
  public record Settings(int pageFramesMax, int pageBytesMax) {}

  public PostgresEventStore(
      Database database, Outbox outbox, ColdReads coldReads, Settings settings) {
    this.database = database;
    this.outbox = outbox;
    this.coldReads = coldReads;
    this.settings = settings;
  }

  @Override
  public Uni<OptionalLong> find(SessionKey key) {
    return database
        .query(
            """
            SELECT sid FROM sessions WHERE user_id = $1 AND agent_id = $2 AND thread_id = $3
            """,
            Tuple.of(key.userId(), key.agentId(), key.threadId()))
        .map(PostgresEventStore::optional);
  }

  @Override
  public Uni<Long> reserve(SessionKey key) {
    return database
        .query(
            """
            WITH s AS (
              INSERT INTO sessions (user_id, agent_id, thread_id)
              VALUES ($1, $2, $3)
              ON CONFLICT (user_id, agent_id, thread_id) DO NOTHING
              RETURNING sid
            )
            INSERT INTO heads (sid) SELECT sid FROM s RETURNING sid
            """,
            Tuple.of(key.userId(), key.agentId(), key.threadId()))
        .map(PostgresEventStore::optional)
        .flatMap(made ->
            made.isPresent()
                ? Uni.createFrom().item(made.getAsLong())
                : find(key).map(OptionalLong::orElseThrow));
  }

  @Override
  public Uni<Long> claim(long sid, String node) {
    return database
        .query(
            """
            UPDATE heads SET owner_node = $2, owner_epoch = owner_epoch + 1
             WHERE sid = $1 RETURNING owner_epoch
            """,
            Tuple.of(sid, node))
        .map(rows -> optional(rows).orElseThrow());
  }

  @Override
  public Uni<OptionalLong> reclaim(long sid, String node, long epoch) {
    return database
        .query(
            """
            UPDATE heads SET owner_node = $2, owner_epoch = owner_epoch + 1
             WHERE sid = $1 AND owner_epoch = $3 RETURNING owner_epoch
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
        .query(
            """
            SELECT h.owner_epoch, h.event_seq, h.frame_seq, h.last_commit,
                   s.payload AS snapshot,
                   e.types, e.versions, e.frame_seqs, e.payloads
              FROM heads h
              LEFT JOIN snapshots s ON s.sid = h.sid
              CROSS JOIN LATERAL (
                SELECT array_agg(type::text ORDER BY seq) AS types,
                       array_agg(version ORDER BY seq) AS versions,
                       array_agg(frame_seq ORDER BY seq) AS frame_seqs,
                       array_agg(payload ORDER BY seq) AS payloads
                  FROM events
                 WHERE sid = h.sid AND seq > coalesce(s.event_seq, 0)) e
             WHERE h.sid = $1
            """,
            Tuple.of(sid))
        .flatMap(rows -> fold(sid, first(rows), withOutput));
  }

  @Override
  public Uni<Optional<SendReceipt>> receipt(long sid, ClientMessageId id) {
    return coldReads.receipt(sid, id);
  }

  @Override
  public Uni<List<ChatMessage>> history(long sid, int messagesMax) {
    return coldReads.history(sid, messagesMax);
  }

  @Override
  public Uni<List<Unfinished>> unfinished(long afterSid, int limit) {
    return coldReads.unfinished(afterSid, limit);
  }

  private Uni<StoredSession> fold(long sid, Row row, boolean withOutput) {
    String snapshot = row.getString("snapshot");
    SessionState state =
        snapshot == null ? new SessionState.Absent() : SnapshotJson.decode(snapshot);
    String[] types = row.getArrayOfStrings("types");
    int events = types == null ? 0 : types.length;
    if (events > 0) {
      Short[] versions = row.getArrayOfShorts("versions");
      Long[] frameSeqs = row.getArrayOfLongs("frame_seqs");
      String[] payloads = row.getArrayOfStrings("payloads");
      for (int i = 0; i < events; i++) {
        state = state.evolve(EventJson.decode(types[i], versions[i], payloads[i]), frameSeqs[i]);
      }
    }
    long frameSeq = row.getLong("frame_seq");
    if (state.eventSeq() != row.getLong("event_seq")) {
      throw new UnreadableException(
          "events of session "
              + sid
              + " end at "
              + state.eventSeq()
              + ", its head says "
              + row.getLong("event_seq"),
          null);
    }
    Uni<? extends SessionState> whole =
        switch (state) {
          case SessionState.Streaming streaming -> {
            long firstFrame = streaming.turn().firstFrame();
            Uni<TurnOutput> said =
                withOutput
                    ? output(sid, firstFrame, frameSeq, TurnOutput.EMPTY)
                    : Uni.createFrom().item(TurnOutput.EMPTY);
            yield said.map(output -> streaming.resume(output, frameSeq));
          }
          case SessionState.Idle idle -> Uni.createFrom().item(idle);
          case SessionState.Absent absent -> Uni.createFrom().item(absent);
        };
    return whole.map(s ->
        new StoredSession(sid, row.getLong("owner_epoch"), s, row.getUUID("last_commit"), events));
  }

  /// What a running turn has said, from its frames up to `frameSeq`.
  private Uni<TurnOutput> output(long sid, long afterSeq, long frameSeq, TurnOutput said) {
    if (afterSeq >= frameSeq) {
      return Uni.createFrom().item(said);
    }
    return outbox
        .frames(sid, afterSeq, settings.pageFramesMax(), settings.pageBytesMax())
        .flatMap(page -> {
          if (page.isEmpty() || page.getFirst().seq() != afterSeq + 1) {
            throw new UnreadableException(
                "frame " + (afterSeq + 1) + " of session " + sid + " is missing", null);
          }
          TurnOutput more = said;
          long last = afterSeq;
          for (EncodedFrame frame : page) {
            if (frame.seq() > frameSeq) {
              break;
            }
            if (frame.frame() instanceof Frame.StreamEvent(var _, var event)
                && event instanceof dev.parley.content.ChatStreamEvent.Content content) {
              more = more.append(content);
            }
            last = frame.seq();
          }
          return output(sid, last, frameSeq, more);
        });
  }

  private static OptionalLong optional(RowSet<Row> rows) {
    return rows.size() == 0 ? OptionalLong.empty() : OptionalLong.of(first(rows).getLong(0));
  }

  private static Row first(RowSet<Row> rows) {
    return rows.iterator().next();
  }
}
