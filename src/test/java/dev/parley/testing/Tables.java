package dev.parley.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the store holds of some sessions, read in one transaction: the only place of the test code
/// that knows the tables.
///
/// @param sessions by session key
public record Tables(Map<String, Stored> sessions) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// One session's rows, in order.
  public record Stored(
      String sessionId,
      String incarnation,
      String status,
      long eventHead,
      long frameHead,
      List<EventRow> events,
      List<FrameRow> frames,
      List<TurnRow> turns,
      List<MessageRow> messages) {}

  public record EventRow(long seq, String type, long frameSeq, JsonNode payload) {}

  public record FrameRow(long seq, JsonNode payload) {}

  public record TurnRow(
      String turnId,
      String messageId,
      String answerId,
      String status,
      long firstFrame,
      @Nullable Long lastFrame,
      @Nullable String reason) {}

  public record MessageRow(
      long ord, String messageId, String role, long eventSeq, boolean discarded) {}

  /// Reads the sessions of these keys; those that do not exist are absent.
  public static Tables read(Connection connection, Collection<String> sessionIds)
      throws SQLException {
    boolean autoCommit = connection.getAutoCommit();
    int isolation = connection.getTransactionIsolation();
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    connection.setAutoCommit(false);
    try {
      Map<String, Stored> sessions = new LinkedHashMap<>();
      for (String sessionId : sessionIds) {
        Stored stored = session(connection, sessionId);
        if (stored != null) {
          sessions.put(sessionId, stored);
        }
      }
      return new Tables(sessions);
    } finally {
      connection.rollback();
      connection.setAutoCommit(autoCommit);
      connection.setTransactionIsolation(isolation);
    }
  }

  /// The status of a session's newest turn; absent: it has none.
  public static @Nullable String newestTurnStatus(Connection connection, String sessionId)
      throws SQLException {
    List<String> statuses =
        query(
            connection,
            """
            SELECT t.status
              FROM turns t JOIN sessions s USING (sid)
             WHERE s.user_id || ':' || s.agent_id || ':' || s.thread_id = ?
             ORDER BY t.first_frame DESC LIMIT 1
            """,
            sessionId,
            row -> row.getString(1));
    return statuses.isEmpty() ? null : statuses.getFirst();
  }

  private static @Nullable Stored session(Connection connection, String sessionId)
      throws SQLException {
    List<Stored> found =
        query(
            connection,
            """
            SELECT s.sid, s.incarnation, s.status, h.event_seq, h.frame_seq
              FROM sessions s JOIN heads h USING (sid)
             WHERE s.user_id || ':' || s.agent_id || ':' || s.thread_id = ?
               AND s.created_at IS NOT NULL
            """,
            sessionId,
            row -> {
              long sid = row.getLong(1);
              return new Stored(
                  sessionId,
                  row.getString(2),
                  row.getString(3),
                  row.getLong(4),
                  row.getLong(5),
                  events(connection, sid),
                  frames(connection, sid),
                  turns(connection, sid),
                  messages(connection, sid));
            });
    return found.isEmpty() ? null : found.getFirst();
  }

  private static List<EventRow> events(Connection connection, long sid) throws SQLException {
    return query(
        connection,
        "SELECT seq, type, frame_seq, payload FROM events WHERE sid = ? ORDER BY seq",
        sid,
        row ->
            new EventRow(row.getLong(1), row.getString(2), row.getLong(3), json(row.getString(4))));
  }

  private static List<FrameRow> frames(Connection connection, long sid) throws SQLException {
    return query(
        connection,
        "SELECT seq, payload FROM frames WHERE sid = ? ORDER BY seq",
        sid,
        row -> new FrameRow(row.getLong(1), json(row.getString(2))));
  }

  private static List<TurnRow> turns(Connection connection, long sid) throws SQLException {
    return query(
        connection,
        """
        SELECT turn_id, message_id, answer_id, status, first_frame, last_frame, reason
          FROM turns WHERE sid = ? ORDER BY first_frame
        """,
        sid,
        row ->
            new TurnRow(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getLong(5),
                row.getObject(6, Long.class),
                row.getString(7)));
  }

  private static List<MessageRow> messages(Connection connection, long sid) throws SQLException {
    return query(
        connection,
        """
        SELECT ord, message_id, role, event_seq, discarded
          FROM messages WHERE sid = ? ORDER BY ord
        """,
        sid,
        row ->
            new MessageRow(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                row.getLong(4),
                row.getBoolean(5)));
  }

  private interface Reader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private static <T> List<T> query(
      Connection connection, String sql, Object argument, Reader<T> reader) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, argument);
      try (ResultSet rows = statement.executeQuery()) {
        List<T> read = new ArrayList<>();
        while (rows.next()) {
          read.add(reader.read(rows));
        }
        return read;
      }
    }
  }

  private static JsonNode json(String text) throws SQLException {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new SQLException("a stored payload is no JSON", e);
    }
  }
}
