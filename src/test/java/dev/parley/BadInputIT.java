package dev.parley;

import static dev.parley.testing.RpcClient.session;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.testing.Checker;
import dev.parley.testing.ClientLog;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RawSocket;
import dev.parley.testing.RpcClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What cannot be meant is answered with its typed error, on a connection whose other calls go on
/// undisturbed, and nothing is written.
class BadInputIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String STREAMING = "bad:demo:streaming";
  private static final int MIB = 1024 * 1024;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// A client that says what it is told to, whatever it may be; it subscribes to one session.
  private static final class RawClient implements WebSocket.Listener, AutoCloseable {
    private static final int SUBSCRIPTION = 1_000_000;

    private final BlockingQueue<JsonNode> answers = new LinkedBlockingQueue<>();
    private final StringBuilder partial = new StringBuilder();
    private final HttpClient http = HttpClient.newHttpClient();
    private final ClientLog log;
    private final WebSocket socket;
    private CompletableFuture<?> sent = CompletableFuture.completedFuture(null);
    private int lastId;

    RawClient(URI url, ClientLog log) {
      this.log = log;
      socket =
          http.newWebSocketBuilder()
              .buildAsync(url, this)
              .orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS)
              .join();
    }

    void subscribe() {
      log.subscribing(null);
      send(request(SUBSCRIPTION, "chat.subscribe", session(log.sessionId())).toString());
    }

    synchronized void send(String line) {
      sent = sent.thenCompose(_ -> socket.sendText(line + "\n", true));
    }

    /// The next message that is not of the subscription.
    JsonNode answer() throws InterruptedException {
      JsonNode answer = answers.poll(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      assertThat(answer).as("an answer in " + LIMIT).isNotNull();
      return answer;
    }

    /// The exit of a call.
    JsonNode call(String tag, JsonNode payload) throws InterruptedException {
      int id = ++lastId;
      send(request(id, tag, payload).toString());
      return exit(id);
    }

    JsonNode exit(int id) throws InterruptedException {
      JsonNode answer = answer();
      assertThat(answer.path("_tag").asText()).as("%s", answer).isEqualTo("Exit");
      assertThat(answer.path("requestId").asInt()).isEqualTo(id);
      return answer.path("exit");
    }

    int newId() {
      return ++lastId;
    }

    boolean isOpen() {
      return !socket.isInputClosed() && !socket.isOutputClosed();
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
      partial.append(data);
      for (int end = partial.indexOf("\n"); end >= 0; end = partial.indexOf("\n")) {
        read(partial.substring(0, end));
        partial.delete(0, end + 1);
      }
      webSocket.request(1);
      return CompletableFuture.completedStage(null);
    }

    private void read(String line) {
      JsonNode message;
      try {
        message = MAPPER.readTree(line);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      if (message.path("requestId").asInt() == SUBSCRIPTION
          && message.path("_tag").asText().equals("Chunk")) {
        message.path("values").forEach(log::received);
        send(RpcClient.object().put("_tag", "Ack").put("requestId", SUBSCRIPTION).toString());
      } else {
        answers.add(message);
      }
    }

    @Override
    public void close() {
      socket.abort();
      http.shutdownNow();
    }
  }

  @Test
  void answersWhatCannotBeMeantAndHarmsNothing(@TempDir Path dataDir) throws Exception {
    try (ParleyProcess parley = ParleyProcess.start(dataDir, Map.of());
        Connection connection = ParleyProcess.connectTo(dataDir)) {
      ClientLog log = new ClientLog("one", STREAMING);
      try (RawClient client = new RawClient(parley.wsUrl(), log)) {
        assertSuccess(client.call("session.create", create("bad", "demo", "streaming")));
        client.subscribe();
        log.await(() -> log.cursor() != null, LIMIT, "the initial state");
        JsonNode sent = client.call("chat.send", content("/count 100000 200"));
        assertSuccess(sent);
        String turn = sent.path("value").path("turnId").asText();
        log.acknowledged(sent.path("value").path("messageId").asText());
        log.await(() -> log.text(turn).contains("20 "), LIMIT, "token 20");

        String before = rows(connection);
        tellNonsense(client);
        assertThat(rows(connection)).isEqualTo(before);

        assertThat(client.isOpen()).isTrue();
        String said = log.text(turn);
        log.await(() -> log.text(turn).length() > said.length() + 40, LIMIT, "what follows");
        assertSuccess(client.call("chat.interrupt", session(STREAMING)));
        log.await(
            () -> log.events().getLast().path("_tag").asText().equals("SessionStopped"),
            LIMIT,
            "the end of the turn");
      }
      assertThat(parley.status("/api/rpc")).isEqualTo(405);
      assertThat(parley.status("/api/rpc/")).isEqualTo(405);
      try (RawSocket beyondAllMeasure = new RawSocket(parley.wsUrl())) {
        beyondAllMeasure.send("x".repeat(18 * MIB));
        assertThat(beyondAllMeasure.closeCode()).isEqualTo(1009);
      }
      assertThat(Checker.check(connection, List.of(log))).isEmpty();
      assertThat(parley.output()).doesNotContain("secret-word");
    } finally {
      ParleyProcess.stopDatabase(dataDir);
    }
  }

  private static void tellNonsense(RawClient client) throws InterruptedException {
    // Keys.
    assertInvalid(client.call("session.create", create("a b", "demo", "t")), "userId");
    assertInvalid(client.call("session.create", create("u", "", "t")), "agentId");
    assertInvalid(client.call("session.create", create("u", "demo", "ü")), "threadId");
    assertInvalid(client.call("session.get", session("u:demo")), "threadId");
    assertInvalid(client.call("chat.subscribe", session("secret-word")), "agentId");
    assertInvalid(
        client.call("chat.getState", RpcClient.object().put("sessionId", 7)), "sessionId");
    for (String tag : List.of("session.get", "chat.getState", "chat.interrupt", "chat.subscribe")) {
      assertError(client.call(tag, session("bad:demo:nobody")), "ChatSessionNotFoundRpcError");
    }
    assertError(
        client.call("chat.send", session("bad:demo:nobody").put("content", "x")),
        "ChatSessionNotFoundRpcError");
    JsonNode unknown = client.call("session.create", create("bad", "stranger", "t"));
    assertError(unknown, "ChatOperationRpcError");
    assertThat(error(unknown).path("code").asText()).isEqualTo("AGENT_UNKNOWN");
    assertError(
        client.call("session.create", create("bad", "demo", "streaming")), "SessionExistsRpcError");

    // Contents.
    assertInvalid(client.call("chat.send", content("")), "content");
    assertInvalid(client.call("chat.send", session(STREAMING)), "content");
    assertInvalid(client.call("chat.send", content("secret-word\0")), "content");
    assertInvalid(
        client.call("chat.send", content("x").put("clientMessageId", "é")), "clientMessageId");
    assertInvalid(client.call("chat.send", content("x").put("whenBusy", "never")), "whenBusy");
    assertLimited(client.call("chat.send", content("x".repeat(MIB + 1))), "content");
    assertLimited(client.call("chat.send", content("x".repeat(3 * MIB))), "line");

    // Frames.
    assertDefect(client, "{\"_tag\":\"Request\",\"id\":1,", "Malformed message");
    assertDefect(client, "secret-word", "Malformed message");
    assertDefect(client, "[1,2]", "Malformed message");
    assertDefect(client, "\"text\"", "Malformed message");
    assertDefect(client, "{\"_tag\":\"Nonsense\"}", "Unknown request tag");
    int id = client.newId();
    client.send(request(id, "no.such.call", RpcClient.object()).toString());
    JsonNode exit = client.exit(id);
    assertThat(exit.path("_tag").asText()).isEqualTo("Failure");
    assertThat(exit.toString()).contains("Unknown request tag: no.such.call");
    for (String tag : List.of("session.create", "session.get", "chat.send", "chat.subscribe")) {
      int bare = client.newId();
      ObjectNode request = request(bare, tag, RpcClient.object());
      var _ = request.remove("payload");
      client.send(request.toString());
      assertError(client.exit(bare), "InvalidRequestRpcError");
    }
    // And what is well said is well answered.
    assertSuccess(client.call("chat.getState", session(STREAMING)));
  }

  /// All that is stored but the frames of the answer that streams.
  private static String rows(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                """
                SELECT (SELECT count(*) FROM sessions) || ' sessions, '
                    || (SELECT count(*) FROM heads) || ' heads, '
                    || (SELECT count(*) FROM events) || ' events, '
                    || (SELECT count(*) FROM sends) || ' sends, '
                    || (SELECT count(*) FROM messages) || ' messages, '
                    || (SELECT count(*) FROM frames f JOIN sessions s USING (sid)
                         WHERE s.thread_id <> 'streaming'
                            OR f.payload::json ->> '_tag' <> 'StreamEvent') || ' frames'
                """)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }

  private static ObjectNode request(int id, String tag, JsonNode payload) {
    ObjectNode request = RpcClient.object().put("_tag", "Request").put("id", id).put("tag", tag);
    request.set("payload", payload);
    request.putArray("headers");
    return request;
  }

  private static ObjectNode create(String userId, String agentId, String threadId) {
    return RpcClient.object()
        .put("userId", userId)
        .put("agentId", agentId)
        .put("threadId", threadId);
  }

  private static ObjectNode content(String content) {
    return session(STREAMING).put("content", content);
  }

  private static void assertSuccess(JsonNode exit) {
    assertThat(exit.path("_tag").asText()).as("%s", exit).isEqualTo("Success");
  }

  private static JsonNode error(JsonNode exit) {
    return exit.path("cause").isArray()
        ? exit.path("cause").path(0).path("error")
        : exit.path("cause").path("error");
  }

  private static void assertError(JsonNode exit, String tag) {
    assertThat(error(exit).path("_tag").asText()).as("%s", exit).isEqualTo(tag);
  }

  private static void assertInvalid(JsonNode exit, String field) {
    assertError(exit, "InvalidRequestRpcError");
    assertThat(error(exit).path("field").asText()).as("%s", exit).isEqualTo(field);
    assertThat(exit.toString()).doesNotContain("secret-word");
  }

  private static void assertLimited(JsonNode exit, String limit) {
    assertError(exit, "LimitExceededRpcError");
    assertThat(error(exit).path("limit").asText()).isEqualTo(limit);
  }

  private static void assertDefect(RawClient client, String line, String why)
      throws InterruptedException {
    client.send(line);
    JsonNode answer = client.answer();
    assertThat(answer.path("_tag").asText()).as("%s", answer).isEqualTo("Defect");
    assertThat(answer.path("defect").asText()).contains(why).doesNotContain("secret-word");
  }
}
