package dev.parley;

import static dev.parley.testing.Answers.error;
import static dev.parley.testing.Answers.get;
import static dev.parley.testing.Answers.started;
import static dev.parley.testing.Numbers.tokens;
import static dev.parley.testing.RpcClient.session;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.testing.Checker;
import dev.parley.testing.ClientLog;
import dev.parley.testing.Numbers;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RpcClient;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What is known to go wrong when a node stops or dies and another takes its place, on the packaged
/// application through real sockets. The same cases under every order of events are in
/// `actor/KnownCasesTest`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KnownRestartsIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path dataDir;
  private ParleyProcess parley;

  KnownRestartsIT(@TempDir Path dataDir) {
    this.dataDir = dataDir;
    parley = ParleyProcess.start(dataDir, Map.of());
  }

  @AfterAll
  void leaveNothingBehind() {
    parley.close();
    ParleyProcess.stopDatabase(dataDir);
  }

  @Test
  @DisplayName("Case 8: the same send is run once, over connections, a reconnect and a restart")
  void theSameSendIsRunOnce() throws SQLException {
    String session = "same:demo:t";
    ClientLog log = new ClientLog("reader", session);
    JsonNode first;
    try (RpcClient client = connect();
        RpcClient other = connect()) {
      client.create(session);
      var _ = client.follow(log);
      CompletableFuture<JsonNode> one = client.send(log, "/count 5 0", "same");
      CompletableFuture<JsonNode> two = other.send(log, "/count 5 0", "same");
      first = get(one);
      assertThat(get(two).path("turnId")).isEqualTo(first.path("turnId"));
      assertThat(first.path("duplicate").asBoolean() ^ get(two).path("duplicate").asBoolean())
          .isTrue();
      log.awaitStop(first.path("turnId").asText(), LIMIT);
    }
    parley.stop();
    parley = ParleyProcess.start(dataDir, Map.of());
    try (RpcClient client = connect()) {
      JsonNode again = get(client.send(log, "/count 5 0", "same"));
      assertThat(again.path("duplicate").asBoolean()).isTrue();
      assertThat(again.path("turnId")).isEqualTo(first.path("turnId"));
      assertThat(again.path("messageId")).isEqualTo(first.path("messageId"));
    }
    check(log);
  }

  @Test
  @DisplayName("Case 3: a stop right behind its send, of sessions that nobody has in memory")
  void aStopFindsWhatTheSameClientSentJustBefore() {
    List<String> sessions = IntStream.range(0, 30).mapToObj(i -> "cold" + i + ":demo:t").toList();
    try (RpcClient client = connect()) {
      sessions.forEach(client::create);
    }
    parley.stop();
    parley = ParleyProcess.start(dataDir, Map.of());
    try (RpcClient client = connect()) {
      for (String session : sessions) {
        ClientLog log = new ClientLog("cold", session);
        CompletableFuture<JsonNode> sent = client.send(log, "/count 500 50", "c");
        CompletableFuture<JsonNode> stopped = client.call("chat.interrupt", session(session));
        assertThat(get(stopped).path("turnId").asText()).isEqualTo(started(sent));
      }
    }
  }

  @Test
  @DisplayName("Case 11: an event of an unknown type stops its session and no other")
  void anEventOfAnUnknownTypeStopsItsSessionAndNoOther() throws SQLException {
    String broken = "future:demo:t";
    String whole = "present:demo:t";
    try (RpcClient client = connect()) {
      client.create(broken);
      client.create(whole);
    }
    parley.stop();
    parley = ParleyProcess.start(dataDir, Map.of());
    try (Connection database = ParleyProcess.connectTo(dataDir);
        Statement statement = database.createStatement()) {
      assertThat(
              statement.executeUpdate(
                  """
                  WITH h AS (
                    UPDATE heads SET event_seq = event_seq + 1
                     WHERE sid = (SELECT sid FROM sessions WHERE user_id = 'future')
                    RETURNING sid, event_seq, frame_seq)
                  INSERT INTO events (sid, seq, type, version, frame_seq, payload, created_at)
                  SELECT sid, event_seq, 'FromTheFuture', 1, frame_seq, '{}', now() FROM h
                  """))
          .isEqualTo(1);
    }
    try (RpcClient client = connect()) {
      ClientLog log = new ClientLog("broken", broken);
      JsonNode error = error(client.send(log, "/count 3 0", "c"));
      assertThat(error.path("_tag").asText()).isEqualTo("ChatOperationRpcError");
      assertThat(error.path("code").asText()).isEqualTo("EVENT_UNREADABLE");
      assertThat(error(client.call("chat.getState", session(broken))).path("code").asText())
          .isEqualTo("EVENT_UNREADABLE");
      assertThat(error(client.subscribe(log).end()).path("code").asText())
          .isEqualTo("EVENT_UNREADABLE");
      ClientLog other = new ClientLog("whole", whole);
      var _ = client.follow(other);
      other.awaitStop(started(client.send(other, "/count 3 0", "c")), LIMIT);
    }
  }

  @Test
  @DisplayName("A4: a turn whose node is killed goes on where its agent is meant to")
  void aTurnWhoseNodeIsKilledGoesOn() throws SQLException {
    Map<String, String> going = Map.of("PARLEY_AGENTS_DEMO_ON_CRASH", "continue");
    parley.stop();
    parley = ParleyProcess.start(dataDir, going);
    String counting = "on:demo:counting";
    String silent = "on:demo:silent";
    ClientLog log = new ClientLog("reader", counting);
    ClientLog other = new ClientLog("other", silent);
    String turnId;
    String silentTurn;
    try (RpcClient client = connect()) {
      client.create(counting);
      client.create(silent);
      var _ = client.follow(log);
      var _ = client.follow(other);
      turnId = started(client.send(log, "/count 1000 500", "c"));
      silentTurn = started(client.send(other, "/slowstart 1500", "c"));
      log.await(() -> tokens(log.text(turnId)) >= 50, LIMIT, "fifty tokens");
      parley.kill();
    }
    parley = ParleyProcess.start(dataDir, going);
    try (RpcClient client = connect()) {
      var _ = client.follow(log);
      var _ = client.follow(other);
      log.awaitStop(turnId, LIMIT);
      other.awaitStop(silentTurn, LIMIT);
      assertThat(log.text(turnId)).isEqualTo(Numbers.upTo(1000));
      assertThat(other.text(silentTurn)).isEqualTo(Numbers.upTo(10));
    }
    parley.stop();
    parley = ParleyProcess.start(dataDir, Map.of());
    check(log, other);
  }

  private RpcClient connect() {
    return RpcClient.connect(parley.wsUrl());
  }

  private void check(ClientLog... logs) throws SQLException {
    try (Connection database = ParleyProcess.connectTo(dataDir)) {
      assertThat(Checker.check(database, List.of(logs))).isEmpty();
    }
  }
}
