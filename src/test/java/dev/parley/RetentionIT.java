package dev.parley;

import static dev.parley.testing.Answers.get;
import static dev.parley.testing.RpcClient.session;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.testing.ClientLog;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RpcClient;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Old frames and deleted sessions leave the running application's store, and history stays
/// (requirements O9, S2, S7).
class RetentionIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String SESSION = "kept:demo:t";
  private static final String OTHER = "kept:demo:other";

  private static final Map<String, String> AT_ONCE =
      Map.of(
          "PARLEY_FRAMES_RETENTION", "0s",
          "PARLEY_RETENTION_INTERVAL", "200ms",
          "PARLEY_RETENTION_DELETED_AGE", "0s",
          "PARLEY_RETENTION_ROWS_MAX", "50");

  @Test
  void letsFramesAndDeletedSessionsGoAndKeepsHistory(@TempDir Path dataDir) throws Exception {
    try (ParleyProcess parley = ParleyProcess.start(dataDir, AT_ONCE);
        RpcClient client = RpcClient.connect(parley.wsUrl());
        Connection database = ParleyProcess.connectTo(dataDir)) {
      client.create(SESSION);
      client.create(OTHER);
      ClientLog log = new ClientLog("one", SESSION);
      RpcClient.Stream first = client.follow(log);
      String ended = turn(client, log, "/count 300 300", "first");
      log.awaitStop(ended, LIMIT);
      first.interrupt();
      JsonNode history = get(client.call("chat.getHistory", session(SESSION)));
      assertThat(history.path("messages")).hasSize(2);

      // Its turn runs: what it says is kept, what was said before is not.
      ClientLog other = new ClientLog("other", OTHER);
      var _ = client.follow(other);
      String running = turn(client, other, "/count 1000000 50", "long");
      other.await(() -> other.text(running).contains("20 "), LIMIT, "token 20");
      awaitNone(database, "frames", SESSION);
      assertThat(count(database, "frames", OTHER)).isGreaterThan(10);
      assertThat(get(client.call("chat.getHistory", session(SESSION)))).isEqualTo(history);
      assertThat(parley.vitals().metric("parley_retention_frames_removed_total")).isGreaterThan(5);

      // A cursor before what is kept is told so; the head is honoured.
      long head = get(client.call("chat.getState", session(SESSION))).path("seq").asLong();
      assertThat(initial(client, 5).path("reset").asBoolean()).isTrue();
      assertThat(initial(client, head + 5).path("reset").asBoolean()).isTrue();
      assertThat(initial(client, head).path("reset").asBoolean()).isFalse();

      // Deleted in mid-stream: its rows go, and the key is free.
      assertThat(get(client.call("session.delete", session(OTHER))).path("deleted").asBoolean())
          .isTrue();
      for (String table : new String[] {"frames", "events", "turns", "messages", "heads"}) {
        awaitNone(database, table, OTHER);
      }
      Awaitility.await().atMost(LIMIT).until(() -> count(database, "sessions", OTHER) == 0);
      assertThat(parley.vitals().metric("parley_retention_sessions_removed_total")).isEqualTo(1);
      client.create(OTHER);
      assertThat(get(client.call("chat.getHistory", session(OTHER))).path("messages")).isEmpty();
      log.awaitStop(again(client, log), LIMIT);
      assertThat(parley.output()).contains("Removed 1 deleted sessions,").doesNotContain("ERROR");
    }
  }

  private static String again(RpcClient client, ClientLog log) {
    var _ = client.follow(log);
    return turn(client, log, "/count 5 0", "second");
  }

  private static String turn(RpcClient client, ClientLog log, String message, String id) {
    return get(client.send(log, message, id)).path("turnId").asText();
  }

  /// What a client with this cursor is told first.
  private static JsonNode initial(RpcClient client, long afterSeq) {
    CompletableFuture<JsonNode> first = new CompletableFuture<>();
    RpcClient.Stream stream =
        client.stream(
            "chat.subscribe", session(SESSION).put("afterSeq", afterSeq), first::complete);
    JsonNode initial = get(first);
    stream.interrupt();
    assertThat(initial.path("_tag").asText()).isEqualTo("InitialState");
    return initial;
  }

  private static void awaitNone(Connection database, String table, String sessionId) {
    Awaitility.await().atMost(LIMIT).until(() -> count(database, table, sessionId) == 0);
  }

  /// Rows of the newest session of that key.
  private static long count(Connection database, String table, String sessionId)
      throws SQLException {
    try (Statement statement = database.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT count(*) FROM %s WHERE sid = (
                  SELECT max(sid) FROM sessions WHERE thread_id = '%s')
                """
                    .formatted(table, sessionId.substring(sessionId.lastIndexOf(':') + 1)))) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    }
  }
}
