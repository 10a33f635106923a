package dev.parley.store;

import dev.parley.content.MessageId;
import dev.parley.session.ClientMessageId;
import dev.parley.session.TurnId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads what PostgreSQL holds of one session, past everything that is under test.
final class PostgresTables {
  private PostgresTables() {}

  /// Makes a value of a row.
  private interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  static Tables read(Connection connection, long sid) throws SQLException {
    return new Tables(
        rows(
            connection,
            "SELECT * FROM events WHERE sid = ? ORDER BY seq",
            sid,
            row ->
                new StoredEvent(
                    row.getLong("seq"),
                    row.getLong("frame_seq"),
                    row.getString("type"),
                    row.getInt("version"),
                    row.getString("payload"))),
        rows(
            connection,
            "SELECT payload FROM frames WHERE sid = ? ORDER BY seq",
            sid,
            row -> row.getString(1)),
        rows(
            connection,
            "SELECT id FROM effects WHERE sid = ? ORDER BY id",
            sid,
            row -> row.getString(1)),
        rows(
            connection,
            "SELECT * FROM turns WHERE sid = ? ORDER BY first_frame",
            sid,
            PostgresTables::turn),
        rows(
            connection,
            "SELECT * FROM messages WHERE sid = ? ORDER BY ord",
            sid,
            row ->
                new Projection.MessageRow(
                    row.getLong("ord"),
                    new MessageId(row.getString("message_id")),
                    row.getString("role"),
                    row.getLong("event_seq"),
                    row.getBoolean("discarded"))),
        rows(
            connection,
            "SELECT * FROM sends WHERE sid = ? ORDER BY sent_at",
            sid,
            row -> {
              String turnId = row.getString("turn_id");
              return new Projection.SendRow(
                  new ClientMessageId(row.getString("client_message_id")),
                  new MessageId(row.getString("message_id")),
                  turnId == null ? null : new TurnId(turnId),
                  row.getObject("sent_at", OffsetDateTime.class).toInstant());
            }),
        number(connection, "SELECT event_seq FROM snapshots WHERE sid = ?", sid),
        number(connection, "SELECT delivered_seq FROM deliveries WHERE sid = ?", sid));
  }

  private static Projection.TurnRow turn(ResultSet row) throws SQLException {
    long lastFrame = row.getLong("last_frame");
    @Nullable Long ended = row.wasNull() ? null : lastFrame;
    OffsetDateTime completedAt = row.getObject("completed_at", OffsetDateTime.class);
    @Nullable Instant completed = completedAt == null ? null : completedAt.toInstant();
    return new Projection.TurnRow(
        new TurnId(row.getString("turn_id")),
        new MessageId(row.getString("message_id")),
        new MessageId(row.getString("answer_id")),
        row.getString("status"),
        row.getLong("first_frame"),
        ended,
        row.getObject("started_at", OffsetDateTime.class).toInstant(),
        completed,
        row.getString("reason"));
  }

  private static long number(Connection connection, String sql, long sid) throws SQLException {
    List<Long> found = rows(connection, sql, sid, row -> row.getLong(1));
    return found.isEmpty() ? 0 : found.getFirst();
  }

  private static <T> List<T> rows(Connection connection, String sql, long sid, RowReader<T> reader)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, sid);
      List<T> rows = new ArrayList<>();
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          rows.add(reader.read(result));
        }
      }
      return rows;
    }
  }
}
