package dev.parley;

import static dev.parley.testing.Answers.get;
import static dev.parley.testing.RpcClient.session;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.app.embedded.EmbeddedDatabase;
import dev.parley.testing.Checker;
import dev.parley.testing.ClientLog;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RpcClient;
import dev.parley.testing.RpcFailure;
import dev.parley.testing.Tables;
import dev.parley.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The operator's command `rebuild`, on the packaged application (requirement E2).
class RebuildIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String WHOLE = "rebuild:demo:whole";
  private static final String TALKATIVE = "rebuild:demo:talkative";
  private static final String BROKEN = "rebuild:demo:broken";
  private static final String DAMAGED = "rebuild:demo:damaged";

  private static final String OF_SESSION =
      " WHERE sid = (SELECT sid FROM sessions WHERE thread_id = '%s')";

  @Test
  void makesEverythingAgainFromEvents(@TempDir Path dataDir) throws Exception {
    Map<String, JsonNode> before;
    ClientLog log = new ClientLog("one", TALKATIVE);
    try (ParleyProcess parley = ParleyProcess.start(dataDir, Map.of());
        RpcClient client = RpcClient.connect(parley.wsUrl())) {
      for (String session : List.of(WHOLE, TALKATIVE, BROKEN, DAMAGED)) {
        client.create(session);
      }
      for (String session : List.of(WHOLE, BROKEN, DAMAGED)) {
        talk(client, new ClientLog("other", session), "hello", "first");
      }
      talk(client, log, "/count 50 0", "one");
      talk(client, log, "/think 5", "two");
      talk(client, log, "/fail 3", "three");
      var _ = get(client.call("session.update", session(TALKATIVE).put("title", "Talk")));
      before = shown(client);

      assertRefused(ParleyProcess.launch(dataDir, Map.of(), "rebuild"), "Another live Parley node");
      assertThat(shown(client)).isEqualTo(before);
    }
    try (EmbeddedDatabase database = EmbeddedDatabase.open(dataDir);
        Connection connection = connect(database)) {
      for (String table : List.of("turns", "messages", "sends")) {
        execute(connection, "DELETE FROM " + table);
      }
      for (String thread : List.of("whole", "talkative", "damaged")) {
        execute(connection, "DELETE FROM snapshots" + OF_SESSION.formatted(thread));
      }
      execute(connection, "UPDATE snapshots SET payload = '{'" + OF_SESSION.formatted("broken"));
      execute(connection, "DELETE FROM heads" + OF_SESSION.formatted("talkative"));
      execute(connection, "UPDATE sessions SET title = 'lost', input_tokens = 0");
      execute(connection, "UPDATE events SET version = 9" + OF_SESSION.formatted("damaged"));
    }

    ParleyProcess rebuild = ParleyProcess.launch(dataDir, Map.of(), "rebuild");
    assertThat(rebuild.waitFor(LIMIT)).isEqualTo(1);
    assertThat(rebuild.output())
        .containsPattern("Rebuilt 3 sessions from \\d+ events in [0-9.]+ seconds; 1 could not")
        .containsOnlyOnce("Session " + DAMAGED + " cannot be rebuilt and is as it was")
        .doesNotContain("http://");

    try (ParleyProcess parley = ParleyProcess.start(dataDir, Map.of());
        RpcClient client = RpcClient.connect(parley.wsUrl())) {
      Map<String, JsonNode> after = shown(client);
      for (String session : List.of(WHOLE, TALKATIVE, BROKEN)) {
        assertThat(of(after, session)).isEqualTo(of(before, session));
        talk(client, new ClientLog("again", session), "/count 5 0", "again");
      }
      // The one whose events cannot be read says so, and only that one.
      JsonNode told = Objects.requireNonNull(after.get("chat.getState " + DAMAGED));
      assertThat(told.path("code").asText()).isEqualTo("EVENT_UNREADABLE");
      assertThat(get(client.send(log, "/count 50 0", "one")).path("duplicate").asBoolean())
          .isTrue();
      try (Connection connection = ParleyProcess.connectTo(dataDir)) {
        Tables tables = Tables.read(connection, List.of(WHOLE, TALKATIVE, BROKEN));
        assertThat(Checker.check(tables, List.of(log))).isEmpty();
      }
    }
  }

  @Test
  void makesOneSessionAgainAndRefusesWhatIsNone(@TempDir Path dataDir) throws Exception {
    try (ParleyProcess parley = ParleyProcess.start(dataDir, Map.of());
        RpcClient client = RpcClient.connect(parley.wsUrl())) {
      client.create(WHOLE);
      talk(client, new ClientLog("one", WHOLE), "hello", "first");
    }
    ParleyProcess one = ParleyProcess.launch(dataDir, Map.of(), "rebuild", WHOLE);
    assertThat(one.waitFor(LIMIT)).isZero();
    assertThat(one.output()).contains("Rebuilt 1 sessions from 3 events");
    assertRefused(
        ParleyProcess.launch(dataDir, Map.of(), "rebuild", "rebuild:demo:nobody"),
        "There is no session rebuild:demo:nobody");
    assertRefused(
        ParleyProcess.launch(dataDir, Map.of(), "rebuild", "nobody"), "This is not a session key");
    assertRefused(ParleyProcess.launch(dataDir, Map.of(), "rebiuld"), "Parley takes no arguments");
  }

  @Test
  void migratesADatabaseThatIsConfiguredFirst(@TempDir Path dataDir) throws Exception {
    TestDatabase database = TestDatabase.create();
    Map<String, String> env =
        Map.of(
            "QUARKUS_DATASOURCE_REACTIVE_URL", database.reactiveUrl(),
            "QUARKUS_DATASOURCE_USERNAME", database.user(),
            "QUARKUS_DATASOURCE_PASSWORD", database.password());
    ParleyProcess rebuild = ParleyProcess.launch(dataDir, env, "rebuild");
    assertThat(rebuild.waitFor(LIMIT)).isZero();
    assertThat(rebuild.output())
        .contains("migrations were applied")
        .contains("Rebuilt 0 sessions from 0 events");
    assertThat(dataDir.resolve("postgres")).doesNotExist();
    // The lock went with the process.
    try (ParleyProcess parley = ParleyProcess.start(dataDir, env)) {
      assertThat(parley.isAlive()).isTrue();
    }
  }

  private static void assertRefused(ParleyProcess command, String why) throws IOException {
    assertThat(command.waitFor(LIMIT)).isEqualTo(1);
    assertThat(command.output()).containsOnlyOnce(why).doesNotContain("http://", "\tat ");
  }

  /// What a client can see of the sessions.
  private static Map<String, JsonNode> shown(RpcClient client) {
    Map<String, JsonNode> shown = new LinkedHashMap<>();
    for (String session : List.of(WHOLE, TALKATIVE, BROKEN, DAMAGED)) {
      for (String call :
          List.of("chat.getState", "chat.getHistory", "session.listTurns", "session.get")) {
        shown.put(call + " " + session, answer(client.call(call, session(session))));
      }
    }
    return shown;
  }

  private static Map<String, JsonNode> of(Map<String, JsonNode> shown, String session) {
    Map<String, JsonNode> found = new LinkedHashMap<>(shown);
    found.keySet().removeIf(call -> !call.endsWith(" " + session));
    assertThat(found).hasSize(4);
    return found;
  }

  /// Sends the message and waits until its turn is over.
  private static void talk(RpcClient client, ClientLog log, String message, String id) {
    RpcClient.Stream stream = client.follow(log);
    String turnId = get(client.send(log, message, id)).path("turnId").asText();
    log.awaitStop(turnId, LIMIT);
    stream.interrupt();
  }

  private static Connection connect(EmbeddedDatabase database) throws SQLException {
    return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    }
  }

  /// What a call was answered, be it an error.
  private static JsonNode answer(CompletableFuture<JsonNode> answer) {
    return get(
        answer.exceptionally(failure -> {
          Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
          if (cause instanceof RpcFailure told) {
            return told.error();
          }
          throw new AssertionError("no answer", failure);
        }));
  }
}
