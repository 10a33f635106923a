package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.testing.Checker;
import dev.parley.testing.ClientLog;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RpcClient;
import dev.parley.testing.RpcFailure;
import dev.parley.testing.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What is known to go wrong in systems of this kind, on the packaged application through real
/// sockets. The same cases under every order of events are in `actor/KnownCasesTest`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KnownCasesIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path dataDir;
  private ParleyProcess parley;

  KnownCasesIT() throws IOException {
    dataDir = Files.createTempDirectory("parley-cases-");
    parley = ParleyProcess.start(dataDir, Map.of());
  }

  @BeforeAll
  void isRunning() {
    assertThat(parley.isAlive()).isTrue();
  }

  @AfterAll
  void leaveNothingBehind() throws IOException {
    parley.close();
    ParleyProcess.stopDatabase(dataDir);
    try (Stream<Path> paths = Files.walk(dataDir)) {
      List<Path> deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    }
  }

  @Test
  @DisplayName("Case 1: a socket that closes in mid-stream loses nothing of the answer")
  void aSocketThatClosesInMidStreamLosesNothing() throws SQLException {
    String session = "one:demo:t";
    ClientLog log = new ClientLog("cut", session);
    String turnId;
    try (RpcClient client = connect()) {
      create(client, session);
      var _ = client.follow(log);
      turnId = started(client.send(log, "/count 300 500", "c"));
      log.await(() -> tokens(log.text(turnId)) >= 20, LIMIT, "twenty tokens");
      client.cut();
    }
    try (RpcClient client = connect()) {
      var _ = client.follow(log);
      awaitStop(log, turnId);
      assertThat(log.text(turnId)).isEqualTo(numbers(300));
    }
    check(session, log);
  }

  @Test
  @DisplayName("Case 2: ten clients that send at once are answered once each, in one order")
  void tenClientsThatSendAtOnceAreAnsweredOnceEach() throws SQLException {
    String session = "two:demo:t";
    List<RpcClient> clients = new ArrayList<>();
    List<ClientLog> logs = new ArrayList<>();
    try {
      for (int i = 0; i < 10; i++) {
        clients.add(connect());
        logs.add(new ClientLog("c" + i, session));
      }
      create(clients.getFirst(), session);
      for (int i = 0; i < 10; i++) {
        ClientLog log = logs.get(i);
        var _ = clients.get(i).follow(log);
      }
      List<CompletableFuture<JsonNode>> sent = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        sent.add(clients.get(i).send(logs.get(i), "/count 3 0", "from-" + i));
      }
      List<String> statuses =
          sent.stream().map(reply -> get(reply).path("status").asText()).sorted().toList();
      assertThat(statuses).contains("started").hasSize(10);
      for (ClientLog log : logs) {
        log.await(() -> count(log, "SessionStopped") == 10, LIMIT, "ten answers");
      }
    } finally {
      clients.forEach(RpcClient::close);
    }
    check(session, logs.toArray(ClientLog[]::new));
  }

  @Test
  @DisplayName("Case 6b: a thousand new titles disturb no streaming turn")
  void aThousandNewTitlesDisturbNoStreamingTurn() throws SQLException {
    String session = "title:demo:t";
    ClientLog log = new ClientLog("reader", session);
    try (RpcClient client = connect();
        RpcClient other = connect()) {
      create(client, session);
      var _ = client.follow(log);
      String turnId = started(client.send(log, "/count 2000 1000", "c"));
      for (int batch = 0; batch < 20; batch++) {
        List<CompletableFuture<JsonNode>> updates = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          updates.add(
              other.call("session.update", session(session).put("title", "t " + (batch * 50 + i))));
        }
        updates.forEach(update -> assertThat(get(update).path("title").asText()).startsWith("t "));
      }
      awaitStop(log, turnId);
      assertThat(log.text(turnId)).isEqualTo(numbers(2000));
      log.await(() -> count(log, "SessionRenamed") == 1000, LIMIT, "a thousand titles");
    }
    check(session, log);
  }

  @Test
  @DisplayName("Case 8: the same send is run once, over connections, a reconnect and a restart")
  void theSameSendIsRunOnce() throws SQLException {
    String session = "same:demo:t";
    ClientLog log = new ClientLog("reader", session);
    JsonNode first;
    try (RpcClient client = connect();
        RpcClient other = connect()) {
      create(client, session);
      var _ = client.follow(log);
      CompletableFuture<JsonNode> one = client.send(log, "/count 5 0", "same");
      CompletableFuture<JsonNode> two = other.send(log, "/count 5 0", "same");
      first = get(one);
      assertThat(get(two).path("turnId")).isEqualTo(first.path("turnId"));
      assertThat(first.path("duplicate").asBoolean() ^ get(two).path("duplicate").asBoolean())
          .isTrue();
      awaitStop(log, first.path("turnId").asText());
    }
    parley.stop();
    parley = ParleyProcess.start(dataDir, Map.of());
    try (RpcClient client = connect()) {
      JsonNode again = get(client.send(log, "/count 5 0", "same"));
      assertThat(again.path("duplicate").asBoolean()).isTrue();
      assertThat(again.path("turnId")).isEqualTo(first.path("turnId"));
      assertThat(again.path("messageId")).isEqualTo(first.path("messageId"));
    }
    check(session, log);
  }

  @Test
  @DisplayName("Case 9: a cursor that cannot be honoured is reset")
  void aCursorThatCannotBeHonouredIsReset() {
    String session = "cursor:demo:t";
    ClientLog log = new ClientLog("reader", session);
    try (RpcClient client = connect()) {
      create(client, session);
      var _ = client.follow(log);
      awaitStop(log, started(client.send(log, "/count 5 0", "c")));
      String incarnation = String.valueOf(log.incarnation());
      assertThat(reset(client, session, 1_000_000, incarnation)).isTrue();
      assertThat(reset(client, session, 3, "another")).isTrue();
      assertThat(reset(client, session, 3, incarnation)).isFalse();

      assertThat(get(client.call("session.delete", session(session))).path("deleted").asBoolean())
          .isTrue();
      create(client, session);
      assertThat(reset(client, session, 0, incarnation)).isTrue();
    }
  }

  @Test
  @DisplayName("Case 10: deleted in mid-stream, with three subscribers, and made again")
  void deletedInMidStreamAndMadeAgain() {
    String session = "gone:demo:t";
    try (RpcClient client = connect()) {
      create(client, session);
      List<ClientLog> logs = new ArrayList<>();
      List<RpcClient.Stream> streams = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        ClientLog log = new ClientLog("c" + i, session);
        streams.add(client.follow(log));
        logs.add(log);
      }
      String turnId = started(client.send(logs.getFirst(), "/count 5000 200", "c"));
      logs.forEach(log -> log.await(() -> tokens(log.text(turnId)) >= 5, LIMIT, "five tokens"));
      assertThat(get(client.call("session.delete", session(session))).path("deleted").asBoolean())
          .isTrue();
      streams.forEach(stream -> get(stream.end()));
      for (ClientLog log : logs) {
        assertThat(log.events().getLast().path("_tag").asText()).isEqualTo("SessionDeleted");
        assertThat(log.events().getLast().path("sessionId").asText()).isEqualTo(session);
        assertThat(stopped(log, turnId)).isTrue();
      }
      assertThat(failure(client.call("chat.getState", session(session))))
          .isEqualTo("ChatSessionNotFoundRpcError");
      assertThat(get(client.call("session.delete", session(session))).path("deleted").asBoolean())
          .isFalse();

      create(client, session);
      ClientLog anew = new ClientLog("anew", session);
      var _ = client.follow(anew);
      JsonNode reply = get(client.send(anew, "/count 3 0", "c"));
      assertThat(reply.path("duplicate").asBoolean()).isFalse();
      awaitStop(anew, reply.path("turnId").asText());
      assertThat(anew.events().getFirst().path("seq").asLong()).isEqualTo(1);
      assertThat(anew.events()).noneMatch(e -> e.path("turnId").asText().equals(turnId));
      assertThat(anew.incarnation()).isNotEqualTo(logs.getFirst().incarnation());
    }
  }

  @Test
  @DisplayName("Case 3: a stop right behind its send, of sessions that nobody has in memory")
  void aStopFindsWhatTheSameClientSentJustBefore() {
    List<String> sessions = IntStream.range(0, 30).mapToObj(i -> "cold" + i + ":demo:t").toList();
    try (RpcClient client = connect()) {
      sessions.forEach(session -> create(client, session));
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
      create(client, broken);
      create(client, whole);
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
      awaitStop(other, started(client.send(other, "/count 3 0", "c")));
    }
  }

  @Test
  @DisplayName("Case 12: a hundred sessions with ten quick messages each")
  void aHundredSessionsWithTenQuickMessagesEach() throws SQLException {
    List<ClientLog> logs = new ArrayList<>();
    List<RpcClient> clients = new ArrayList<>();
    try (RpcClient reader = connect()) {
      for (int i = 0; i < 10; i++) {
        clients.add(connect());
      }
      List<CompletableFuture<JsonNode>> sent = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        create(reader, "hundred:demo:t" + i);
        ClientLog log = new ClientLog("c" + i, "hundred:demo:t" + i);
        var _ = reader.follow(log);
        logs.add(log);
      }
      for (int message = 0; message < 10; message++) {
        for (int i = 0; i < 100; i++) {
          String content = "/count " + (message + 3) + " 0";
          sent.add(clients.get(i / 10).send(logs.get(i), content, "m" + message));
        }
      }
      sent.forEach(reply -> assertThat(get(reply).has("messageId")).isTrue());
      for (ClientLog log : logs) {
        log.await(() -> count(log, "SessionStopped") == 10, LIMIT, "ten answers");
        List<String> asked =
            log.events().stream()
                .filter(e -> e.path("_tag").asText().equals("UserMessage"))
                .map(e -> e.path("message").path("content").asText())
                .toList();
        assertThat(asked)
            .isEqualTo(IntStream.range(3, 13).mapToObj(n -> "/count " + n + " 0").toList());
        List<String> answers =
            log.events().stream()
                .filter(e -> e.path("_tag").asText().equals("SessionStopped"))
                .map(e -> log.text(e.path("turnId").asText()))
                .toList();
        assertThat(answers)
            .isEqualTo(IntStream.range(3, 13).mapToObj(KnownCasesIT::numbers).toList());
      }
    } finally {
      clients.forEach(RpcClient::close);
    }
    check(logs);
  }

  @Test
  @DisplayName("T9: a message is answered again, and edited")
  void aMessageIsAnsweredAgainAndEdited() throws SQLException {
    String session = "again:demo:t";
    ClientLog log = new ClientLog("reader", session);
    try (RpcClient client = connect()) {
      create(client, session);
      var _ = client.follow(log);
      JsonNode first = get(client.send(log, "/count 3 0", "c1"));
      awaitStop(log, first.path("turnId").asText());
      awaitStop(log, started(client.send(log, "/count 4 0", "c2")));
      String messageId = first.path("messageId").asText();
      JsonNode again =
          get(
              client.call(
                  "chat.regenerate",
                  session(session).put("messageId", messageId).put("clientMessageId", "r1")));
      assertThat(again.path("status").asText()).isEqualTo("started");
      assertThat(again.path("messageId").asText()).isEqualTo(messageId);
      awaitStop(log, again.path("turnId").asText());
      JsonNode edited =
          get(
              client.call(
                  "chat.regenerate",
                  session(session)
                      .put("messageId", messageId)
                      .put("content", "/count 7 0")
                      .put("clientMessageId", "r2")));
      awaitStop(log, edited.path("turnId").asText());
      assertThat(log.text(edited.path("turnId").asText())).isEqualTo(numbers(7));
      List<JsonNode> discards =
          log.events().stream()
              .filter(e -> e.path("_tag").asText().equals("MessagesDiscarded"))
              .toList();
      assertThat(discards).hasSize(2);
      assertThat(discards).allMatch(e -> e.path("fromMessageId").asText().equals(messageId));
      assertThat(discards.stream().map(e -> e.path("inclusive").asBoolean()))
          .containsExactly(false, true);
    }
    check(session, log);
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
      create(client, counting);
      create(client, silent);
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
      awaitStop(log, turnId);
      awaitStop(other, silentTurn);
      assertThat(log.text(turnId)).isEqualTo(numbers(1000));
      assertThat(other.text(silentTurn)).isEqualTo(numbers(10));
    }
    parley.stop();
    parley = ParleyProcess.start(dataDir, Map.of());
    check(List.of(log, other));
  }

  private RpcClient connect() {
    return RpcClient.connect(parley.wsUrl());
  }

  private void check(String session, ClientLog... logs) throws SQLException {
    assertThat(logs).allMatch(log -> log.sessionId().equals(session));
    check(List.of(logs));
  }

  private void check(List<ClientLog> logs) throws SQLException {
    try (Connection database = ParleyProcess.connectTo(dataDir)) {
      List<String> sessions = logs.stream().map(ClientLog::sessionId).distinct().toList();
      assertThat(Checker.check(Tables.read(database, sessions), logs)).isEmpty();
    }
  }

  private static boolean reset(
      RpcClient client, String session, long afterSeq, String incarnation) {
    CompletableFuture<JsonNode> initial = new CompletableFuture<>();
    RpcClient.Stream stream =
        client.stream(
            "chat.subscribe",
            session(session).put("afterSeq", afterSeq).put("incarnation", incarnation),
            initial::complete);
    JsonNode state = get(initial);
    assertThat(state.path("_tag").asText()).isEqualTo("InitialState");
    stream.interrupt();
    return state.path("reset").asBoolean();
  }

  private static void create(RpcClient client, String sessionId) {
    String[] parts = sessionId.split(":", -1);
    JsonNode made =
        get(
            client.call(
                "session.create",
                RpcClient.object()
                    .put("userId", parts[0])
                    .put("agentId", parts[1])
                    .put("threadId", parts[2])));
    assertThat(made.path("id").asText()).isEqualTo(sessionId);
  }

  private static ObjectNode session(String sessionId) {
    return RpcClient.object().put("sessionId", sessionId);
  }

  private static String started(CompletableFuture<JsonNode> reply) {
    assertThat(get(reply).path("status").asText()).isEqualTo("started");
    return get(reply).path("turnId").asText();
  }

  private static void awaitStop(ClientLog log, String turnId) {
    log.await(() -> stopped(log, turnId), LIMIT, "the end of " + turnId);
  }

  private static boolean stopped(ClientLog log, String turnId) {
    return log.events().stream()
        .anyMatch(e ->
            e.path("_tag").asText().equals("SessionStopped")
                && e.path("turnId").asText().equals(turnId));
  }

  private static long count(ClientLog log, String tag) {
    return log.events().stream().filter(e -> e.path("_tag").asText().equals(tag)).count();
  }

  private static int tokens(String text) {
    return (int) text.chars().filter(c -> c == ' ').count();
  }

  private static String numbers(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(n -> n + " ").collect(Collectors.joining());
  }

  private static String failure(CompletableFuture<JsonNode> answer) {
    return error(answer).path("_tag").asText();
  }

  /// The typed error that a call fails with.
  private static JsonNode error(CompletableFuture<JsonNode> answer) {
    try {
      throw new AssertionError("not refused: " + get(answer));
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof RpcFailure refused) {
        return refused.error();
      }
      throw failed;
    }
  }

  private static <T> T get(CompletableFuture<T> answer) {
    return answer.orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS).join();
  }
}
