package dev.parley;

import static dev.parley.testing.Answers.error;
import static dev.parley.testing.Answers.get;
import static dev.parley.testing.RpcClient.session;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.testing.Answers;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RpcClient;
import dev.parley.testing.RpcFailure;
import dev.parley.testing.Tables;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What is listed, on the packaged application through real sockets: whoever pages sees everything
/// once, and whoever watches knows what is there (requirements K2, S5).
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ListsIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int MESSAGES = 25;
  private static final int LISTED = 4;

  private final Path dataDir;
  private final ParleyProcess parley;
  private final HttpClient http = HttpClient.newHttpClient();

  ListsIT(@TempDir Path dataDir) {
    this.dataDir = dataDir;
    parley =
        ParleyProcess.start(
            dataDir,
            Map.of(
                "PARLEY_HISTORY_PAGE_BYTES_MAX",
                "20000",
                "PARLEY_WATCH_LISTED_MAX",
                Integer.toString(LISTED)));
  }

  @AfterAll
  void leaveNothingBehind() {
    http.shutdownNow();
    parley.close();
    ParleyProcess.stopDatabase(dataDir);
  }

  @Test
  void showsEveryMessageOnceToWhoeverPagesWhileAnotherSends() throws Exception {
    String session = "pages:demo:t";
    try (RpcClient reader = connect();
        RpcClient sender = connect()) {
      sender.create(session);
      List<CompletableFuture<JsonNode>> sent =
          IntStream.range(0, MESSAGES)
              .mapToObj(i ->
                  sender.call(
                      "chat.send",
                      session(session)
                          .put("content", "/count 5 200")
                          .put("clientMessageId", "c" + i)))
              .toList();
      List<String> forward = new ArrayList<>();
      while (forward.size() < 2 * MESSAGES) {
        ObjectNode payload = session(session).put("limit", 3);
        if (!forward.isEmpty()) {
          payload.put("afterMessageId", forward.getLast());
        }
        forward.addAll(ids(get(reader.call("chat.getHistory", payload)).path("messages")));
      }
      sent.forEach(Answers::get);
      assertThat(forward).doesNotHaveDuplicates().isEqualTo(stored(session));

      List<String> backward = new ArrayList<>();
      ObjectNode payload = session(session).put("last", 7);
      for (boolean more = true; more; ) {
        JsonNode page = get(reader.call("chat.getHistory", payload));
        backward.addAll(0, ids(page.path("messages")));
        more = page.path("hasMore").asBoolean();
        payload = session(session).put("beforeMessageId", backward.getFirst()).put("limit", 7);
      }
      assertThat(backward).isEqualTo(forward);

      JsonNode whole = get(reader.call("chat.getHistory", session(session).put("limit", 500)));
      assertThat(rest(session, "?limit=500")).isEqualTo(whole);
      assertThat(whole.path("messages").get(1).path("turnId").asText()).isNotEmpty();
      assertThat(whole.path("messages").get(1).path("parts").toString()).contains("1 2 3 4 5 ");

      List<String> turns = new ArrayList<>();
      JsonNode page = get(reader.call("session.listTurns", session(session).put("limit", 20)));
      assertThat(page.path("hasMore").asBoolean()).isTrue();
      page.path("turns").forEach(turn -> turns.add(turn.path("messageId").asText()));
      String last = page.path("turns").get(19).path("id").asText();
      page = get(reader.call("session.listTurns", session(session).put("after", last)));
      assertThat(page.path("hasMore").asBoolean()).isFalse();
      page.path("turns").forEach(turn -> turns.add(turn.path("messageId").asText()));
      assertThat(turns)
          .isEqualTo(IntStream.range(0, MESSAGES).mapToObj(i -> forward.get(2 * i)).toList());
    }
  }

  @Test
  void cutsAPageAtItsBytesAndGoesOn() throws Exception {
    String session = "bytes:demo:t";
    try (RpcClient client = connect()) {
      client.create(session);
      for (int i = 0; i < 4; i++) {
        get(client.call("chat.send", session(session).put("content", "x".repeat(9000))));
      }
      awaitIdle(client, session);
      List<String> walked = new ArrayList<>();
      String query = "";
      for (boolean more = true; more; ) {
        JsonNode page = rest(session, query);
        assertThat(page.path("messages").size()).isBetween(1, 5);
        walked.addAll(ids(page.path("messages")));
        query = "?after=" + walked.getLast();
        more = page.path("hasMore").asBoolean();
      }
      assertThat(walked).isEqualTo(stored(session));
    }
  }

  @Test
  void refusesWhatCannotBeMeantByItsFieldOnEveryWay() throws Exception {
    String session = "wrong:demo:t";
    try (RpcClient client = connect()) {
      client.create(session);
      for (String cursor : List.of("afterMessageId", "beforeMessageId")) {
        JsonNode error =
            error(client.call("chat.getHistory", session(session).put(cursor, "no-such")));
        assertThat(error.path("_tag").asText()).isEqualTo("InvalidRequestRpcError");
        assertThat(error.path("field").asText()).isEqualTo(cursor);
      }
      for (String call : List.of("chat.getHistory", "session.listTurns")) {
        JsonNode error = error(client.call(call, session("wrong:demo:none")));
        assertThat(error.path("_tag").asText()).isEqualTo("ChatSessionNotFoundRpcError");
      }
      ObjectNode foreign = RpcClient.object().put("userId", "wrong").put("after", "other:demo:t");
      assertThat(error(client.call("session.list", foreign)).path("field").asText())
          .isEqualTo("after");
      HttpResponse<String> problem = restResponse("wrong:demo:none", "");
      assertThat(problem.statusCode()).isEqualTo(404);
      assertThat(problem.headers().firstValue("content-type").orElse(""))
          .startsWith("application/problem+json");
      assertThat(MAPPER.readTree(problem.body()).path("_tag").asText())
          .isEqualTo("ChatSessionNotFoundRpcError");
    }
  }

  @Test
  void keepsTheListOfWhoeverWatchesTrue() throws Exception {
    String user = "watcher";
    try (RpcClient one = connect();
        RpcClient two = connect()) {
      Watched early = new Watched();
      RpcClient.Stream stream = one.stream("session.watch", user(user), early::take);
      early.await("the list", () -> early.lists == 1);
      assertThat(early.sessions()).isEmpty();

      List<String> sessions =
          IntStream.range(0, LISTED + 2).mapToObj(i -> user + ":demo:t" + i).toList();
      for (String session : sessions) {
        two.create(session);
      }
      get(two.call("session.update", session(sessions.get(0)).put("title", "Renamed")));
      get(two.call("chat.send", session(sessions.get(1)).put("content", "/count 30 100")));
      get(two.call("session.delete", session(sessions.get(2))));
      awaitIdle(two, sessions.get(1));
      early.await("what is listed", () -> early.sessions().equals(listed(two, user)));
      assertThat(early.statuses).contains("streaming");
      assertThat(early.sessions()).hasSize(LISTED + 1);

      Watched late = new Watched();
      var _ = two.stream("session.watch", user(user), late::take);
      late.await("the list", () -> late.lists == 1);
      assertThat(late.hasMore).isTrue();
      assertThat(List.copyOf(late.sessions().values()))
          .isEqualTo(listed(two, user).values().stream().limit(LISTED).toList());
      get(one.call("session.touch", session(sessions.get(5))));
      late.await("the touched one", () -> isTouched(late, sessions.get(5)));
      early.await("what is listed", () -> early.sessions().equals(listed(two, user)));

      stream.interrupt();
      assertThat(catchThrowableOfType(CompletionException.class, () -> get(stream.end())))
          .hasCauseInstanceOf(RpcFailure.class);
      assertThat(get(one.call("session.list", user(user))).path("hasMore").asBoolean()).isFalse();
    }
  }

  private static boolean isTouched(Watched watched, String session) {
    JsonNode known = watched.sessions().get(session);
    return known != null
        && !known.path("lastActivityAt").asText().equals(known.path("createdAt").asText());
  }

  /// All sessions of the user as pages tell them, newest activity first.
  private static Map<String, JsonNode> listed(RpcClient client, String user) {
    Map<String, JsonNode> listed = new LinkedHashMap<>();
    String after = null;
    for (boolean more = true; more; ) {
      ObjectNode payload = user(user).put("limit", 2);
      JsonNode page =
          get(client.call("session.list", after == null ? payload : payload.put("after", after)));
      page.path("sessions").forEach(session -> listed.put(session.path("id").asText(), session));
      after = page.path("sessions").path(1).path("id").asText();
      more = page.path("hasMore").asBoolean();
    }
    return listed;
  }

  /// What a client shows that watches.
  private static final class Watched {
    private final Map<String, JsonNode> sessions = new LinkedHashMap<>();
    private final List<String> statuses = new ArrayList<>();
    private boolean hasMore;
    private int lists;

    synchronized void take(JsonNode change) {
      JsonNode session = change.path("session");
      switch (change.path("_tag").asText()) {
        case "SessionListed" -> {
          sessions.clear();
          change.path("sessions").forEach(s -> sessions.put(s.path("id").asText(), s));
          hasMore = change.path("hasMore").asBoolean();
          lists++;
        }
        case "SessionChanged" -> {
          sessions.put(session.path("id").asText(), session);
          statuses.add(session.path("status").asText());
        }
        case "SessionRemoved" -> sessions.remove(change.path("sessionId").asText());
        default -> throw new AssertionError(change.toString());
      }
    }

    synchronized Map<String, JsonNode> sessions() {
      return new LinkedHashMap<>(sessions);
    }

    void await(String what, java.util.concurrent.Callable<Boolean> condition) {
      Awaitility.await(what).pollInterval(Duration.ofMillis(20)).atMost(LIMIT).until(condition);
    }
  }

  private List<String> stored(String session) throws SQLException {
    try (Connection database = ParleyProcess.connectTo(dataDir)) {
      Tables.@Nullable Stored stored =
          Tables.read(database, List.of(session)).sessions().get(session);
      return Objects.requireNonNull(stored).messages().stream()
          .map(Tables.MessageRow::messageId)
          .toList();
    }
  }

  private JsonNode rest(String session, String query) throws IOException, InterruptedException {
    HttpResponse<String> response = restResponse(session, query);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return MAPPER.readTree(response.body());
  }

  private HttpResponse<String> restResponse(String session, String query)
      throws IOException, InterruptedException {
    String path = "/api/sessions/" + session.replace(":", "%3A") + "/messages" + query;
    return http.send(
        HttpRequest.newBuilder(parley.baseUrl().resolve(path)).timeout(LIMIT).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private RpcClient connect() {
    return RpcClient.connect(parley.wsUrl());
  }

  private static void awaitIdle(RpcClient client, String session) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(50))
        .atMost(LIMIT)
        .until(() -> {
          JsonNode state = get(client.call("chat.getState", session(session)));
          return state.path("status").asText().equals("idle") && state.path("queue").isEmpty();
        });
  }

  private static List<String> ids(JsonNode items) {
    return items.valueStream().map(item -> item.path("id").asText()).toList();
  }

  private static ObjectNode user(String user) {
    return RpcClient.object().put("userId", user);
  }
}
