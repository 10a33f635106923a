package dev.parley.store.page;

import dev.parley.content.MessageId;
import dev.parley.content.Usage;
import dev.parley.session.ChatMessage;
import dev.parley.session.Incarnation;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.store.Database;
import dev.parley.store.SessionFold;
import dev.parley.store.SessionInfo;
import dev.parley.store.json.EventJson;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Pages from PostgreSQL, by SQL of its own: a row comparison and a running sum of bytes decide
/// what is read, and the very texts are asked for their plans in a test.
public final class PostgresPages implements Pages {
  /// The session, the place, and what follows it in the direction that is read; one row with
  /// nothing but the place where nothing follows. `%1$s` is the side of the place, `%2$s` the place
  /// when none is given, `%3$s` the direction.
  private static final String MESSAGES =
      """
      SELECT a.place, p.*
        FROM (SELECT s.sid,
                     (SELECT ord FROM messages WHERE sid = s.sid AND message_id = $4) AS place
                FROM sessions s
               WHERE s.user_id = $1 AND s.agent_id = $2 AND s.thread_id = $3
                 AND s.created_at IS NOT NULL AND s.deleted_at IS NULL) a
        LEFT JOIN LATERAL (
          SELECT ord, message_id, type, version, payload, found
            FROM (SELECT page.*,
                         octet_length(payload) AS bytes,
                         sum(octet_length(payload)) OVER (ORDER BY ord %3$s) AS bytes_to,
                         count(*) OVER () AS found
                    FROM (SELECT m.ord, m.message_id, e.type, e.version, e.payload
                            FROM messages m JOIN events e ON e.sid = m.sid AND e.seq = m.event_seq
                           WHERE m.sid = a.sid AND NOT m.discarded
                             AND m.ord %1$s coalesce(a.place, %2$s)
                           ORDER BY m.ord %3$s LIMIT $5) page) sized
           WHERE bytes_to <= $6 OR bytes_to = bytes) p ON true
       ORDER BY p.ord %3$s
      """;

  static final String MESSAGES_FORWARD = MESSAGES.formatted(">", "0", "ASC");
  static final String MESSAGES_BACKWARD = MESSAGES.formatted("<", "9223372036854775807", "DESC");

  static final String TURNS =
      """
      SELECT a.place, t.*
        FROM (SELECT s.sid,
                     (SELECT first_frame FROM turns WHERE sid = s.sid AND turn_id = $4) AS place
                FROM sessions s
               WHERE s.user_id = $1 AND s.agent_id = $2 AND s.thread_id = $3
                 AND s.created_at IS NOT NULL AND s.deleted_at IS NULL) a
        LEFT JOIN LATERAL (
          SELECT page.*, count(*) OVER () AS found
            FROM (SELECT turn_id, message_id, status, started_at, completed_at, reason, first_frame
                    FROM turns
                   WHERE sid = a.sid AND first_frame > coalesce(a.place, 0)
                   ORDER BY first_frame LIMIT $5) page) t ON true
       ORDER BY t.first_frame
      """;

  /// Backwards through the turns in order. `%s` bounds how far.
  private static final String TURN_OF =
      """
      SELECT s.sid, t.*
        FROM sessions s
       CROSS JOIN LATERAL (
         SELECT * FROM (
           SELECT turn_id, message_id, answer_id, status, reason, first_frame, last_frame
             FROM turns WHERE sid = s.sid ORDER BY first_frame DESC %s) newest
          WHERE message_id = $4 OR answer_id = $4
          ORDER BY first_frame DESC LIMIT 1) t
       WHERE s.user_id = $1 AND s.agent_id = $2 AND s.thread_id = $3
         AND s.created_at IS NOT NULL AND s.deleted_at IS NULL
      """;

  /// Nearly always a recent turn is meant, and an index of its own would cost every turn more than
  /// it saves.
  static final String RECENT_TURN_OF = TURN_OF.formatted("LIMIT 1000");

  private static final String ANY_TURN_OF = TURN_OF.formatted("");

  private static final String SESSION =
      """
      SELECT s.user_id, s.agent_id, s.thread_id, s.incarnation, s.title, s.status, s.model,
             s.input_tokens, s.output_tokens, s.cache_read_tokens, s.cache_creation_tokens,
             s.created_at, s.last_activity_at
      """;

  private static final String SESSIONS =
      SESSION
          + """
            FROM sessions s
           WHERE s.user_id = $1 AND s.created_at IS NOT NULL AND s.deleted_at IS NULL %s
             AND (s.last_activity_at, s.sid)
                 < (coalesce($2, 'infinity'::timestamptz), coalesce($3, 9223372036854775807))
           ORDER BY s.last_activity_at DESC, s.sid DESC LIMIT $4
          """;

  static final String SESSIONS_OF_USER = SESSIONS.formatted("");
  static final String SESSIONS_OF_AGENT = SESSIONS.formatted("AND s.agent_id = $5");

  static final String SESSION_PLACE =
      """
      SELECT last_activity_at, sid FROM sessions
       WHERE user_id = $1 AND agent_id = $2 AND thread_id = $3
         AND created_at IS NOT NULL AND deleted_at IS NULL
      """;

  static final String SESSIONS_OF_KEYS =
      SESSION
          + """
            FROM unnest($1::text[], $2::text[], $3::text[]) AS k(user_id, agent_id, thread_id)
            JOIN sessions s ON s.user_id = k.user_id AND s.agent_id = k.agent_id
                           AND s.thread_id = k.thread_id
           WHERE s.created_at IS NOT NULL AND s.deleted_at IS NULL
          """;

  static final String LAST_ACTIVITY =
      """
      SELECT u.id, s.last_activity_at
        FROM unnest($1::text[]) AS u(id)
       CROSS JOIN LATERAL (
         SELECT last_activity_at FROM sessions
          WHERE user_id = u.id AND created_at IS NOT NULL AND deleted_at IS NULL
          ORDER BY last_activity_at DESC, sid DESC LIMIT 1) s
      """;

  private final Database database;

  public PostgresPages(Database database) {
    this.database = database;
  }

  @Override
  public Uni<PageResult<ChatMessage>> messages(
      SessionKey key, HistoryPlace place, int limit, int bytesMax) {
    MessageId cursor =
        switch (place) {
          case HistoryPlace.After after -> after.id();
          case HistoryPlace.Before before -> before.id();
          case HistoryPlace.Beginning _, HistoryPlace.End _ -> null;
        };
    boolean forward =
        place instanceof HistoryPlace.Beginning || place instanceof HistoryPlace.After;
    return database
        .query(
            forward ? MESSAGES_FORWARD : MESSAGES_BACKWARD,
            of(key)
                .addString(cursor == null ? null : cursor.value())
                .addLong(limit + 1L)
                .addLong((long) bytesMax))
        .map(rows -> result(rows, cursor != null, limit, PostgresPages::message))
        .map(result -> forward ? result : oldestFirst(result));
  }

  @Override
  public Uni<PageResult<Turn>> turns(SessionKey key, @Nullable TurnId after, int limit) {
    return database
        .query(TURNS, of(key).addString(after == null ? null : after.value()).addLong(limit + 1L))
        .map(rows -> result(rows, after != null, limit, PostgresPages::turn));
  }

  @Override
  public Uni<Optional<TurnPlace>> turnOf(SessionKey key, MessageId id) {
    return turnOf(RECENT_TURN_OF, key, id)
        .flatMap(recent ->
            recent.isPresent() ? Uni.createFrom().item(recent) : turnOf(ANY_TURN_OF, key, id));
  }

  private Uni<Optional<TurnPlace>> turnOf(String sql, SessionKey key, MessageId id) {
    return database
        .query(sql, of(key).addString(id.value()))
        .map(rows -> list(rows, PostgresPages::place).stream().findFirst());
  }

  @Override
  public Uni<Optional<Page<SessionInfo>>> sessions(
      String userId, @Nullable String agentId, @Nullable SessionKey after, int limit) {
    if (after == null) {
      return sessions(userId, agentId, null, null, limit).map(Optional::of);
    }
    if (!after.userId().equals(userId)) {
      return Uni.createFrom().item(Optional.empty());
    }
    return database
        .query(SESSION_PLACE, of(after))
        .flatMap(rows -> {
          if (rows.size() == 0) {
            return Uni.createFrom().item(Optional.empty());
          }
          Row place = rows.iterator().next();
          return sessions(userId, agentId, place.getOffsetDateTime(0), place.getLong(1), limit)
              .map(Optional::of);
        });
  }

  private Uni<Page<SessionInfo>> sessions(
      String userId,
      @Nullable String agentId,
      @Nullable OffsetDateTime before,
      @Nullable Long beforeSid,
      int limit) {
    Tuple tuple =
        Tuple.tuple()
            .addString(userId)
            .addOffsetDateTime(before)
            .addLong(beforeSid)
            .addLong(limit + 1L);
    return database
        .query(
            agentId == null ? SESSIONS_OF_USER : SESSIONS_OF_AGENT,
            agentId == null ? tuple : tuple.addString(agentId))
        .map(rows -> {
          List<SessionInfo> found = list(rows, PostgresPages::session);
          return new Page<>(found.subList(0, Math.min(limit, found.size())), found.size() > limit);
        });
  }

  @Override
  public Uni<List<SessionInfo>> sessions(Collection<SessionKey> keys) {
    return database
        .query(
            SESSIONS_OF_KEYS,
            Tuple.tuple()
                .addArrayOfString(parts(keys, SessionKey::userId))
                .addArrayOfString(parts(keys, SessionKey::agentId))
                .addArrayOfString(parts(keys, SessionKey::threadId)))
        .map(rows -> list(rows, PostgresPages::session));
  }

  @Override
  public Uni<Map<String, Instant>> lastActivity(Collection<String> userIds) {
    return database
        .query(LAST_ACTIVITY, Tuple.tuple().addArrayOfString(userIds.toArray(String[]::new)))
        .map(rows -> {
          Map<String, Instant> times = new HashMap<>();
          rows.forEach(row -> times.put(row.getString(0), row.getOffsetDateTime(1).toInstant()));
          return times;
        });
  }

  private static Tuple of(SessionKey key) {
    return Tuple.of(key.userId(), key.agentId(), key.threadId());
  }

  private static String[] parts(Collection<SessionKey> keys, Function<SessionKey, String> part) {
    return keys.stream().map(part).toArray(String[]::new);
  }

  /// What the rows say that begin with a place: none without the session, one without anything
  /// after the place. More were found than are given when a bound has cut the page.
  private static <T> PageResult<T> result(
      RowSet<Row> rows, boolean needsPlace, int limit, Function<Row, T> read) {
    if (rows.size() == 0) {
      return new PageResult.NoSession<>();
    }
    Row first = rows.iterator().next();
    if (needsPlace && first.getLong("place") == null) {
      return new PageResult.NoCursor<>();
    }
    Long found = first.getLong("found");
    if (found == null) {
      return new PageResult.Found<>(new Page<>(List.of(), false));
    }
    List<T> all = list(rows, read);
    List<T> items = all.subList(0, Math.min(limit, all.size()));
    return new PageResult.Found<>(new Page<>(items, found > items.size()));
  }

  private static <T> PageResult<T> oldestFirst(PageResult<T> result) {
    if (result instanceof PageResult.Found<T>(var page)) {
      return new PageResult.Found<>(new Page<>(page.items().reversed(), page.hasMore()));
    }
    return result;
  }

  private static <T> List<T> list(RowSet<Row> rows, Function<Row, T> read) {
    List<T> list = new ArrayList<>(rows.size());
    rows.forEach(row -> list.add(read.apply(row)));
    return list;
  }

  /// A message's text is in the event that its row names.
  private static ChatMessage message(Row row) {
    return SessionFold.message(
        row.getString("message_id"),
        EventJson.decode(row.getString("type"), row.getShort("version"), row.getString("payload")));
  }

  private static Turn turn(Row row) {
    OffsetDateTime completedAt = row.getOffsetDateTime("completed_at");
    return new Turn(
        new TurnId(row.getString("turn_id")),
        new MessageId(row.getString("message_id")),
        row.getString("status"),
        row.getOffsetDateTime("started_at").toInstant(),
        completedAt == null ? null : completedAt.toInstant(),
        row.getString("reason"));
  }

  private static TurnPlace place(Row row) {
    return new TurnPlace(
        row.getLong("sid"),
        new TurnId(row.getString("turn_id")),
        new MessageId(row.getString("message_id")),
        new MessageId(row.getString("answer_id")),
        row.getString("status"),
        row.getString("reason"),
        row.getLong("first_frame"),
        row.getLong("last_frame"));
  }

  private static SessionInfo session(Row row) {
    return new SessionInfo(
        new SessionKey(
            row.getString("user_id"), row.getString("agent_id"), row.getString("thread_id")),
        new Incarnation(row.getString("incarnation")),
        row.getString("title"),
        row.getString("status").equals("streaming"),
        row.getString("model"),
        new Usage(
            row.getLong("input_tokens"),
            row.getLong("output_tokens"),
            row.getLong("cache_read_tokens"),
            row.getLong("cache_creation_tokens")),
        row.getOffsetDateTime("created_at").toInstant(),
        row.getOffsetDateTime("last_activity_at").toInstant());
  }
}
