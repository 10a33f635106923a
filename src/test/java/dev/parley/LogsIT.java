package dev.parley;

import static dev.parley.testing.Answers.get;
import static dev.parley.testing.RpcClient.session;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.testing.ClientLog;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RawSocket;
import dev.parley.testing.RpcClient;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The log of the packaged application, as it is gathered in production (requirements M1, U3): JSON
/// from the first line to the last, with the fields of what a line is about, and nothing of what
/// clients said.
class LogsIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String SESSION = "logs:demo:t";

  /// Stands in everything that a client may say.
  private static final String MARK = "heard-by-nobody";

  /// As the application is packaged: other tests have it say what people read.
  private static final Map<String, String> JSON = Map.of("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "");

  @Test
  void tellsWhatHappenedAndNothingOfWhatWasSaid(@TempDir Path dataDir) throws Exception {
    List<JsonNode> lines;
    List<String> turns = new ArrayList<>();
    try (ParleyProcess parley =
        ParleyProcess.start(dataDir, with(JSON, "PARLEY_NODE_ID", "node.of-the-test"))) {
      try (RpcClient client = RpcClient.connect(parley.wsUrl())) {
        ClientLog log = new ClientLog("one", SESSION);
        var _ =
            get(
                client.call(
                    "session.create",
                    RpcClient.object()
                        .put("userId", "logs")
                        .put("agentId", "demo")
                        .put("threadId", "t")
                        .put("title", "title " + MARK)));
        var _ = client.follow(log);
        turns.add(turn(client, log, "say " + MARK));
        turns.add(turn(client, log, "/fail 3"));
        String hanging = begun(client, log, "/hang 2", "hang-" + MARK);
        var _ = get(client.call("chat.interrupt", session(SESSION)));
        log.awaitStop(hanging, LIMIT);
        turns.add(hanging);
      }
      sayWhatCannotBeRead(parley);
      Awaitility.await()
          .atMost(LIMIT)
          .until(
              () -> parley.output().lines().filter(l -> l.contains(" closed with ")).count() >= 2);
      int _ = parley.stop();
      lines = lines(parley);
    }
    assertThat(lines)
        .allSatisfy(line -> {
          assertThat(line.path("nodeId").asText()).isEqualTo("node.of-the-test");
          assertThat(line.path("level").asText()).isNotEmpty();
          assertThat(line.path("timestamp").asText()).isNotEmpty();
          assertThat(line.toString()).doesNotContain(MARK);
        });
    assertThat(about(lines, "Connection to /ws opened"))
        .isNotEmpty()
        .allSatisfy(l -> assertThat(field(l, "connectionId")).isNotEmpty());
    JsonNode closed = about(lines, "Connection to /ws closed with ").getFirst();
    assertThat(closed.path("message").asText())
        .matches(".* closed with \\d+ \\(.*\\) after [\\d.]+ s, \\d+ messages received, \\d+ sent");
    assertThat(field(closed, "connectionId"))
        .isEqualTo(field(about(lines, "Connection to /ws opened").getFirst(), "connectionId"));
    List<String> ends =
        List.of("Turn completed (stop) ", "Turn failed (AGENT_ERROR", "Turn interrupted (");
    for (int i = 0; i < turns.size(); i++) {
      String turnId = turns.get(i);
      List<JsonNode> told = lines.stream().filter(l -> field(l, "turnId").equals(turnId)).toList();
      assertThat(told)
          .allSatisfy(l -> assertThat(field(l, "sessionKey")).isEqualTo(SESSION))
          .anySatisfy(l -> assertThat(l.path("message").asText()).startsWith("Turn started"));
      assertThat(told.getLast().path("message").asText())
          .startsWith(ends.get(i))
          .matches(".* after [\\d.]+ s, \\d+ input and \\d+ output tokens");
    }
    assertThat(about(lines, "The start is through")).hasSize(1);
    assertThat(lines.getLast().path("message").asText()).startsWith("parley stopped in ");
  }

  @Test
  void isAsLoudAsItIsToldToBe(@TempDir Path dataDir) throws Exception {
    String level = "PARLEY_LOG_LEVEL";
    try (ParleyProcess quiet = ParleyProcess.start(dataDir, with(JSON, level, "WARN"))) {
      say(quiet);
      int _ = quiet.stop();
      assertThat(lines(quiet))
          .filteredOn(l -> l.path("loggerName").asText().startsWith("dev.parley."))
          .isEmpty();
    }
    try (ParleyProcess loud = ParleyProcess.start(dataDir, with(JSON, level, "DEBUG"))) {
      say(loud);
      Awaitility.await().atMost(LIMIT).until(() -> loud.output().contains("/api/rpc closed"));
      assertThat(lines(loud))
          .anySatisfy(l -> assertThat(l.path("level").asText()).isEqualTo("DEBUG"));
    }
  }

  private static Map<String, String> with(Map<String, String> settings, String name, String value) {
    Map<String, String> more = new HashMap<>(settings);
    more.put(name, value);
    return more;
  }

  private static String turn(RpcClient client, ClientLog log, String content) throws Exception {
    String turnId = begun(client, log, content, MARK + log.events().size());
    log.awaitStop(turnId, LIMIT);
    return turnId;
  }

  private static String begun(RpcClient client, ClientLog log, String content, String name)
      throws Exception {
    return get(client.send(log, content, name)).path("turnId").asText();
  }

  /// Damaged messages, unknown calls and threads, and ids with whatever may stand in them.
  private static void sayWhatCannotBeRead(ParleyProcess parley) throws Exception {
    try (RawSocket socket = new RawSocket(parley.wsUrl())) {
      for (String message :
          List.of(
              "{\"_tag\":\"Request\",\"" + MARK,
              MARK,
              request(
                  "\"" + MARK + " \\n\\\"\"", "chat.getState", "{\"sessionId\":\"" + MARK + "\"}"),
              request("1", MARK, "{}"),
              request(
                  "2",
                  "chat.send",
                  "{\"sessionId\":\"" + SESSION + "\",\"content\":7,\"" + MARK + "\":1}"))) {
        socket.send(message + "\n");
        assertThat(socket.hear()).isNotEmpty();
      }
    }
    try (RawSocket socket = new RawSocket(parley.wsUrl("/api/chat/ws?threadId=" + MARK + "!"))) {
      assertThat(socket.closeCode()).isEqualTo(1008);
    }
    for (String path :
        List.of("/api/sessions/" + MARK, "/api/sessions/" + MARK + "/events", "/" + MARK)) {
      assertThat(send(parley, path, null)).as(path).isBetween(400, 404);
    }
    assertThat(send(parley, "/api/sessions", "{\"" + MARK)).isEqualTo(400);
    assertThat(send(parley, "/api/chat", "{\"id\":\"" + MARK + "\\u0000\"}")).isEqualTo(400);
  }

  private static void say(ParleyProcess parley) throws Exception {
    assertThat(send(parley, "/api/rpc", request("1", "session.list", "{\"userId\":\"logs\"}")))
        .isEqualTo(200);
  }

  private static int send(ParleyProcess parley, String path, @Nullable String body)
      throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest.Builder request = HttpRequest.newBuilder(parley.baseUrl().resolve(path));
      if (body != null) {
        request
            .header(
                "content-type", path.endsWith("rpc") ? "application/ndjson" : "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body + "\n"));
      }
      return http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  private static String request(String id, String tag, String payload) {
    return "{\"_tag\":\"Request\",\"id\":%s,\"tag\":\"%s\",\"payload\":%s,\"headers\":[]}"
        .formatted(id, tag, payload);
  }

  /// Every line of the process's output, read as JSON.
  private static List<JsonNode> lines(ParleyProcess parley) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : parley.output().lines().toList()) {
      lines.add(MAPPER.readTree(line));
    }
    assertThat(lines).isNotEmpty();
    return lines;
  }

  private static List<JsonNode> about(List<JsonNode> lines, String beginning) {
    return lines.stream().filter(l -> l.path("message").asText().startsWith(beginning)).toList();
  }

  private static String field(JsonNode line, String name) {
    return line.path("mdc").path(name).asText();
  }
}
