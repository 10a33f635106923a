package dev.parley;

import static dev.parley.testing.Answers.get;
import static dev.parley.testing.Numbers.tokens;
import static dev.parley.testing.RpcClient.session;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.testing.Checker;
import dev.parley.testing.ClientLog;
import dev.parley.testing.Numbers;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RawSocket;
import dev.parley.testing.RpcClient;
import dev.parley.testing.RpcFailure;
import dev.parley.testing.Tables;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The packaged application is told to stop while it works (requirement N4): it exits with 0, in
/// time, and nobody loses a word of what was said.
class GracefulStopIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int SESSIONS = 100;
  private static final int TOKENS = 100_000;
  private static final int TOKENS_PER_SECOND = 50;
  private static final int TOKENS_BEFORE_STOP = 20;
  private static final String SESSION = "stop:demo:t";

  private Path dataDir = Path.of("");

  @BeforeEach
  void haveADataDirectory(@TempDir Path dir) {
    dataDir = dir;
  }

  @AfterEach
  void leaveNothingBehind() {
    ParleyProcess.stopDatabase(dataDir);
  }

  @Test
  void losesNothingOfAHundredSessionsThatStream() throws SQLException {
    List<ClientLog> logs = new ArrayList<>();
    List<String> turns = new ArrayList<>();
    List<RpcClient> clients = new ArrayList<>();
    try (ParleyProcess parley = ParleyProcess.start(dataDir, Map.of())) {
      for (int i = 0; i < SESSIONS; i++) {
        RpcClient client = RpcClient.connect(parley.wsUrl());
        clients.add(client);
        ClientLog log = new ClientLog("c" + i, "stop:demo:t" + i);
        logs.add(log);
        client.create(log.sessionId());
        var _ = client.follow(log);
        JsonNode reply =
            get(client.send(log, "/count " + TOKENS + " " + TOKENS_PER_SECOND, "first"));
        turns.add(reply.path("turnId").asText());
        assertThat(get(client.send(log, "/count 3 0", "second")).path("status").asText())
            .isEqualTo("queued");
      }
      for (int i = 0; i < SESSIONS; i++) {
        ClientLog log = logs.get(i);
        String turn = turns.get(i);
        log.await(() -> tokens(log.text(turn)) >= TOKENS_BEFORE_STOP, LIMIT, "some tokens");
      }

      long begin = System.nanoTime();
      int exit = parley.stop();
      System.out.printf(
          "SIGTERM under %d streaming sessions: exit %d after %d ms%n",
          SESSIONS, exit, Duration.ofNanos(System.nanoTime() - begin).toMillis());
      assertThat(exit).isZero();
      Set<Long> comeAgain = new HashSet<>();
      for (int i = 0; i < SESSIONS; i++) {
        String how = get(clients.get(i).closed());
        assertThat(how).contains("1001").contains("retryAfterMs=");
        comeAgain.add(Long.parseLong(how.replaceAll("(?s).*retryAfterMs=([0-9]+).*", "$1")));
        // the end of the turn came before the end of the socket
        assertThat(logs.get(i).isStopped(turns.get(i))).as("client %d", i).isTrue();
      }
      assertThat(comeAgain).hasSizeGreaterThan(SESSIONS / 2);
      assertThat(Files.exists(dataDir.resolve("postgres").resolve("postmaster.pid"))).isFalse();
    } finally {
      clients.forEach(RpcClient::close);
    }
    goOn(logs, turns);
  }

  /// What waited in the queues is answered by the next start, and everybody goes on with a cursor.
  private void goOn(List<ClientLog> logs, List<String> turns) throws SQLException {
    try (ParleyProcess again = ParleyProcess.start(dataDir, Map.of());
        Connection database = ParleyProcess.connectTo(dataDir)) {
      List<RpcClient> clients = new ArrayList<>();
      try {
        for (ClientLog log : logs) {
          RpcClient client = RpcClient.connect(again.wsUrl());
          clients.add(client);
          var _ = client.subscribe(log);
        }
        for (int i = 0; i < SESSIONS; i++) {
          ClientLog log = logs.get(i);
          log.await(() -> log.count("SessionStopped") == 2, LIMIT, "the end of the queued turn");
          String partial = log.text(turns.get(i));
          assertThat(partial).isEqualTo(Numbers.upTo(tokens(partial)));
          assertThat(tokens(partial)).isGreaterThanOrEqualTo(TOKENS_BEFORE_STOP);
          assertThat(history(clients.get(i), log.sessionId()))
              .containsExactly(partial, Numbers.upTo(3));
        }
      } finally {
        clients.forEach(RpcClient::close);
      }
      Tables tables = Tables.read(database, logs.stream().map(ClientLog::sessionId).toList());
      assertThat(Checker.check(tables, logs)).isEmpty();
      assertThat(tables.sessions().values())
          .allSatisfy(stored ->
              assertThat(stored.turns())
                  .extracting(Tables.TurnRow::status)
                  .containsExactly("interrupted", "completed"));
    }
  }

  @Test
  void isNotReadyAtOnceServesThePauseAndIsHurriedByASecondSignal() throws Exception {
    Map<String, String> pausing = Map.of("PARLEY_STOP_PAUSE", "25s", "PARLEY_STOP_LIMIT", "28s");
    try (ParleyProcess parley = ParleyProcess.start(dataDir, pausing);
        RpcClient client = RpcClient.connect(parley.wsUrl())) {
      client.create(SESSION);
      parley.terminate();
      await(() -> status(parley, "/q/health/ready") == 503);
      assertThat(status(parley, "/q/health/live")).isEqualTo(200);
      ClientLog log = new ClientLog("one", SESSION);
      var _ = client.follow(log);
      String turn = get(client.send(log, "/count 5 0", "pause")).path("turnId").asText();
      log.awaitStop(turn, LIMIT);
      assertThat(log.text(turn)).isEqualTo(Numbers.upTo(5));
      long begin = System.nanoTime();
      assertThat(parley.stop()).isZero();
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
    }
  }

  @Test
  void letsTurnsComeToTheirEndAndStartsNoOthers() throws SQLException {
    try (ParleyProcess parley =
            ParleyProcess.start(dataDir, Map.of("PARLEY_STOP_TURNS_WAIT", "15s"));
        RpcClient client = RpcClient.connect(parley.wsUrl())) {
      client.create(SESSION);
      client.create("stop:demo:other");
      ClientLog log = new ClientLog("one", SESSION);
      var _ = client.follow(log);
      String turn = get(client.send(log, "/count 60 30", "first")).path("turnId").asText();
      assertThat(get(client.send(log, "/count 3 0", "second")).path("status").asText())
          .isEqualTo("queued");
      log.await(() -> tokens(log.text(turn)) >= 3, LIMIT, "some tokens");
      parley.terminate();
      await(() -> isDraining(client, "stop:demo:other"));
      int exit = parley.waitFor(LIMIT);
      assertThat(exit).isZero();
      assertThat(log.text(turn)).isEqualTo(Numbers.upTo(60));
      assertThat(get(client.closed())).contains("1001");
    }
    try (ParleyProcess _ = ParleyProcess.start(dataDir, Map.of());
        Connection database = ParleyProcess.connectTo(dataDir)) {
      await(() -> statuses(database, SESSION).equals(List.of("completed", "completed")));
    }
  }

  @Test
  void leavesTurnsToTheNextStartWhoseAgentsGoOn() throws SQLException {
    Map<String, String> goingOn = Map.of("PARLEY_AGENTS_DEMO_ON_CRASH", "continue");
    ClientLog log = new ClientLog("one", SESSION);
    String turn;
    try (ParleyProcess parley = ParleyProcess.start(dataDir, goingOn);
        RpcClient client = RpcClient.connect(parley.wsUrl())) {
      client.create(SESSION);
      var _ = client.follow(log);
      turn = get(client.send(log, "/count 300 50", "first")).path("turnId").asText();
      log.await(() -> tokens(log.text(turn)) >= 20, LIMIT, "some tokens");
      assertThat(parley.stop()).isZero();
      assertThat(log.isStopped(turn)).isFalse();
    }
    try (ParleyProcess again = ParleyProcess.start(dataDir, goingOn);
        Connection database = ParleyProcess.connectTo(dataDir)) {
      try (RpcClient client = RpcClient.connect(again.wsUrl())) {
        var _ = client.subscribe(log);
        log.awaitStop(turn, LIMIT);
      }
      assertThat(log.text(turn)).isEqualTo(Numbers.upTo(300));
      assertThat(Checker.check(database, List.of(log))).isEmpty();
    }
  }

  /// What is not a socket of Effect RPC: a thread, lines over HTTP, server-sent events.
  @Test
  void tellsEveryKindOfClientThatItStops() throws Exception {
    try (ParleyProcess parley = ParleyProcess.start(dataDir, Map.of());
        RpcClient client = RpcClient.connect(parley.wsUrl());
        HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        RawSocket thread =
            new RawSocket(parley.wsUrl("/api/chat/ws?create=1&threadId=stop:demo:thread"))) {
      client.create(SESSION);
      thread.send(
          "{\"type\":\"message\",\"requestId\":\"r1\",\"threadId\":\"stop:demo:thread\","
              + "\"content\":\"/count 100000 50\"}");
      assertThat(thread.hear()).contains("token");
      CompletableFuture<HttpResponse<Stream<String>>> events =
          http.sendAsync(
              HttpRequest.newBuilder(
                      parley.baseUrl().resolve("/api/sessions/" + SESSION + "/events"))
                  .build(),
              HttpResponse.BodyHandlers.ofLines());
      CompletableFuture<HttpResponse<Stream<String>>> lines =
          http.sendAsync(
              HttpRequest.newBuilder(parley.baseUrl().resolve("/api/rpc"))
                  .header("content-type", "application/ndjson")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"_tag\":\"Request\",\"id\":\"1\",\"tag\":\"chat.subscribe\","
                              + "\"payload\":{\"sessionId\":\""
                              + SESSION
                              + "\"},\"headers\":[]}\n"))
                  .build(),
              HttpResponse.BodyHandlers.ofLines());
      HttpResponse<Stream<String>> eventStream = get(events);
      HttpResponse<Stream<String>> lineStream = get(lines);
      assertThat(parley.stop()).isZero();
      assertThat(eventStream.body().toList()).anyMatch(line -> line.contains("DRAINING"));
      assertThat(lineStream.body().toList())
          .last()
          .asString()
          .contains("\"Exit\"")
          .contains("DRAINING");
      String last = thread.hear();
      while (last.contains("\"token\"")) {
        last = thread.hear();
      }
      assertThat(last).contains("\"error\"").contains("\"retryable\":true").contains("r1");
      assertThat(thread.closeCode()).isEqualTo(1001);
    }
  }

  private boolean isDraining(RpcClient client, String sessionId) {
    ObjectNode payload = session(sessionId).put("content", "/count 1");
    try {
      JsonNode _ = get(client.call("chat.send", payload));
      return false;
    } catch (CompletionException e) {
      assertThatThrownBy(
              () -> {
                throw e.getCause();
              })
          .isInstanceOfSatisfying(
              RpcFailure.class,
              failure -> {
                assertThat(failure.error().path("code").asText()).isEqualTo("DRAINING");
                assertThat(failure.error().path("retryable").asBoolean()).isTrue();
              });
      return true;
    }
  }

  private static List<String> history(RpcClient client, String sessionId) {
    JsonNode page = get(client.call("chat.getHistory", session(sessionId)));
    return Stream.iterate(0, i -> i + 1)
        .limit(page.path("messages").size())
        .map(i -> page.path("messages").path(i))
        .filter(message -> message.path("role").asText().equals("assistant"))
        .map(message ->
            message.path("parts").findValues("text").stream()
                .map(JsonNode::asText)
                .collect(Collectors.joining()))
        .toList();
  }

  private static List<String> statuses(Connection database, String sessionId) {
    try {
      return Tables.read(database, List.of(sessionId)).sessions().values().stream()
          .flatMap(stored -> stored.turns().stream())
          .map(Tables.TurnRow::status)
          .toList();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int status(ParleyProcess parley, String path) {
    try {
      return parley.status(path);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void await(BooleanSupplier condition) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(LIMIT)
        .until(condition::getAsBoolean);
  }
}
