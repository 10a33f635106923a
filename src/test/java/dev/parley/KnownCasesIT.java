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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What is known to go wrong in systems of this kind, on the packaged application through real
/// sockets. The same cases under every order of events are in `actor/KnownCasesTest`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KnownCasesIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path dataDir;
  private final ParleyProcess parley;

  KnownCasesIT(@TempDir Path dataDir) {
    this.dataDir = dataDir;
    parley = ParleyProcess.start(dataDir, Map.of());
  }

  @BeforeAll
  void isRunning() {
    assertThat(parley.isAlive()).isTrue();
  }

  @AfterAll
  void leaveNothingBehind() {
    parley.close();
    ParleyProcess.stopDatabase(dataDir);
  }

  @Test
  @DisplayName("Case 1: a socket that closes in mid-stream loses nothing of the answer")
  void aSocketThatClosesInMidStreamLosesNothing() throws SQLException {
    String session = "one:demo:t";
    ClientLog log = new ClientLog("cut", session);
    String turnId;
    try (RpcClient client = connect()) {
      client.create(session);
      var _ = client.follow(log);
      turnId = started(client.send(log, "/count 300 500", "c"));
      log.await(() -> tokens(log.text(turnId)) >= 20, LIMIT, "twenty tokens");
      client.cut();
    }
    try (RpcClient client = connect()) {
      var _ = client.follow(log);
      log.awaitStop(turnId, LIMIT);
      assertThat(log.text(turnId)).isEqualTo(Numbers.upTo(300));
    }
    check(log);
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
      clients.getFirst().create(session);
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
        log.await(() -> log.count("SessionStopped") == 10, LIMIT, "ten answers");
      }
    } finally {
      clients.forEach(RpcClient::close);
    }
    check(logs.toArray(ClientLog[]::new));
  }

  @Test
  @DisplayName("Case 6b: a thousand new titles disturb no streaming turn")
  void aThousandNewTitlesDisturbNoStreamingTurn() throws SQLException {
    String session = "title:demo:t";
    ClientLog log = new ClientLog("reader", session);
    try (RpcClient client = connect();
        RpcClient other = connect()) {
      client.create(session);
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
      log.awaitStop(turnId, LIMIT);
      assertThat(log.text(turnId)).isEqualTo(Numbers.upTo(2000));
      log.await(() -> log.count("SessionRenamed") == 1000, LIMIT, "a thousand titles");
    }
    check(log);
  }

  @Test
  @DisplayName("Case 9: a cursor that cannot be honoured is reset")
  void aCursorThatCannotBeHonouredIsReset() {
    String session = "cursor:demo:t";
    ClientLog log = new ClientLog("reader", session);
    try (RpcClient client = connect()) {
      client.create(session);
      var _ = client.follow(log);
      log.awaitStop(started(client.send(log, "/count 5 0", "c")), LIMIT);
      String incarnation = String.valueOf(log.incarnation());
      assertThat(reset(client, session, 1_000_000, incarnation)).isTrue();
      assertThat(reset(client, session, 3, "another")).isTrue();
      assertThat(reset(client, session, 3, incarnation)).isFalse();

      assertThat(get(client.call("session.delete", session(session))).path("deleted").asBoolean())
          .isTrue();
      client.create(session);
      assertThat(reset(client, session, 0, incarnation)).isTrue();
    }
  }

  @Test
  @DisplayName("Case 10: deleted in mid-stream, with three subscribers, and made again")
  void deletedInMidStreamAndMadeAgain() {
    String session = "gone:demo:t";
    try (RpcClient client = connect()) {
      client.create(session);
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
        assertThat(log.isStopped(turnId)).isTrue();
      }
      assertThat(failure(client.call("chat.getState", session(session))))
          .isEqualTo("ChatSessionNotFoundRpcError");
      assertThat(get(client.call("session.delete", session(session))).path("deleted").asBoolean())
          .isFalse();

      client.create(session);
      ClientLog anew = new ClientLog("anew", session);
      var _ = client.follow(anew);
      JsonNode reply = get(client.send(anew, "/count 3 0", "c"));
      assertThat(reply.path("duplicate").asBoolean()).isFalse();
      anew.awaitStop(reply.path("turnId").asText(), LIMIT);
      assertThat(anew.events().getFirst().path("seq").asLong()).isEqualTo(1);
      assertThat(anew.events()).noneMatch(e -> e.path("turnId").asText().equals(turnId));
      assertThat(anew.incarnation()).isNotEqualTo(logs.getFirst().incarnation());
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
        reader.create("hundred:demo:t" + i);
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
        log.await(() -> log.count("SessionStopped") == 10, LIMIT, "ten answers");
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
        assertThat(answers).isEqualTo(IntStream.range(3, 13).mapToObj(Numbers::upTo).toList());
      }
    } finally {
      clients.forEach(RpcClient::close);
    }
    check(logs.toArray(ClientLog[]::new));
  }

  @Test
  @DisplayName("T9: a message is answered again, and edited")
  void aMessageIsAnsweredAgainAndEdited() throws SQLException {
    String session = "again:demo:t";
    ClientLog log = new ClientLog("reader", session);
    try (RpcClient client = connect()) {
      client.create(session);
      var _ = client.follow(log);
      JsonNode first = get(client.send(log, "/count 3 0", "c1"));
      log.awaitStop(first.path("turnId").asText(), LIMIT);
      log.awaitStop(started(client.send(log, "/count 4 0", "c2")), LIMIT);
      String messageId = first.path("messageId").asText();
      JsonNode again =
          get(
              client.call(
                  "chat.regenerate",
                  session(session).put("messageId", messageId).put("clientMessageId", "r1")));
      assertThat(again.path("status").asText()).isEqualTo("started");
      assertThat(again.path("messageId").asText()).isEqualTo(messageId);
      log.awaitStop(again.path("turnId").asText(), LIMIT);
      JsonNode edited =
          get(
              client.call(
                  "chat.regenerate",
                  session(session)
                      .put("messageId", messageId)
                      .put("content", "/count 7 0")
                      .put("clientMessageId", "r2")));
      log.awaitStop(edited.path("turnId").asText(), LIMIT);
      assertThat(log.text(edited.path("turnId").asText())).isEqualTo(Numbers.upTo(7));
      List<JsonNode> discards =
          log.events().stream()
              .filter(e -> e.path("_tag").asText().equals("MessagesDiscarded"))
              .toList();
      assertThat(discards).hasSize(2);
      assertThat(discards).allMatch(e -> e.path("fromMessageId").asText().equals(messageId));
      assertThat(discards.stream().map(e -> e.path("inclusive").asBoolean()))
          .containsExactly(false, true);
    }
    check(log);
  }

  private RpcClient connect() {
    return RpcClient.connect(parley.wsUrl());
  }

  private void check(ClientLog... logs) throws SQLException {
    try (Connection database = ParleyProcess.connectTo(dataDir)) {
      assertThat(Checker.check(database, List.of(logs))).isEmpty();
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

  private static String failure(CompletableFuture<JsonNode> answer) {
    return error(answer).path("_tag").asText();
  }
}
