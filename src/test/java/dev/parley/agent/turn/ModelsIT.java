package dev.parley.agent.turn;

import static dev.parley.testing.Answers.get;
import static dev.parley.testing.Answers.started;
import static dev.parley.testing.RpcClient.object;
import static dev.parley.testing.RpcClient.session;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.agent.llm.Provider;
import dev.parley.agent.llm.ProviderScripts;
import dev.parley.testing.Checker;
import dev.parley.testing.ClientLog;
import dev.parley.testing.McpStandIn;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.ProviderStandIn;
import dev.parley.testing.ProviderStandIn.Asked;
import dev.parley.testing.ProviderStandIn.Script;
import dev.parley.testing.RpcClient;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Models behind the packaged application, as its users set them up: with environment variables.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ModelsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String SECRET = "sk-not-to-be-told";

  /// What the model has to say where a node is lost in the middle of it.
  private static final List<String> TALE =
      IntStream.rangeClosed(1, 400).mapToObj(n -> n + " ☃ ").toList();

  private final Path dataDir;
  private final ProviderStandIn provider = new ProviderStandIn();
  private final McpStandIn things = McpStandIn.start();
  private ParleyProcess parley;

  ModelsIT(@TempDir Path dataDir) {
    this.dataDir = dataDir;
    things.gives("look", arguments -> "looked at " + arguments.getString("at"));
    things.gives("pay", _ -> "paid");
    parley = ParleyProcess.start(dataDir, environment());
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("ANTHROPIC_API_KEY", SECRET);
    environment.put("OPENAI_API_KEY", SECRET);
    environment.put("PARLEY_AGENTS_CLAUDE_BASE_URL", provider.url() + "/v1");
    environment.put("PARLEY_AGENTS_OPENAI_BASE_URL", provider.url() + "/v1");
    environment.put("PARLEY_AGENTS_OPENAI_USER_DAY_TOKENS_MAX", "1500");
    environment.put("PARLEY_AGENTS_OLLAMA_BASE_URL", provider.url().toString());
    environment.put("PARLEY_AGENTS_OLLAMA_MODEL", "llama3.2");
    environment.put("PARLEY_MCP_THINGS_URL", things.url());
    environment.put("PARLEY_TOOLS__THINGS_PAY__APPROVAL", "required");
    for (String agent : List.of("CLAUDE", "OPENAI", "OLLAMA")) {
      environment.put("PARLEY_AGENTS_" + agent + "_ON_CRASH", "continue");
      environment.put("PARLEY_AGENTS_" + agent + "_TOOLS", "current_time,things.*");
    }
    return environment;
  }

  @BeforeEach
  void toolsAreKnown() {
    await().atMost(LIMIT).until(() -> things.count("tools/list") > 0);
  }

  @AfterAll
  void leaveNothingBehind() {
    parley.close();
    ParleyProcess.stopDatabase(dataDir);
    provider.close();
    things.close();
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void everythingThatAModelStreamsReachesTheClient(Provider of) throws SQLException {
    int before = provider.asked().size();
    provider.behave(_ ->
        provider.asked().size() == before + 1
            ? call(of, "things_look", "{\"at\":\"Grüße\"}")
            : ProviderScripts.cut(
                of, ProviderScripts.answer(of, "hm – ü", List.of("Grüße ", "☃")), 3));
    try (RpcClient client = RpcClient.connect(parley.wsUrl())) {
      ClientLog log = follow(client, "all" + of, of);
      String turnId = started(client.send(log, "what is there?", "c1"));
      log.awaitStop(turnId, LIMIT);
      assertThat(end(log, turnId).path("reason").asText()).isEqualTo("completed");
      assertThat(types(log))
          .containsSubsequence(
              "start",
              "start-step",
              "tool-input-start",
              "tool-input-available",
              "tool-output-available",
              "finish-step",
              "start-step",
              "reasoning-start",
              "reasoning-delta",
              "reasoning-end",
              "text-start",
              "text-delta",
              "text-end",
              "finish-step",
              "finish");
      assertThat(log.text(turnId)).isEqualTo("Grüße ☃");
      assertThat(things.called("look").arguments().getString("at")).isEqualTo("Grüße");
      JsonNode session =
          get(client.call("session.list", object().put("userId", "all" + of)))
              .path("sessions")
              .path(0);
      assertThat(session.path("usage").path("outputTokens").asLong())
          .isEqualTo(of == Provider.ANTHROPIC ? 24 : 30);
      assertThat(session.path("model").asText())
          .isEqualTo(
              switch (of) {
                case ANTHROPIC -> "claude-test-1";
                case OPENAI -> "gpt-test-1";
                case OLLAMA -> "llama-test";
              });
      check(log);
    }
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void aStopReachesTheProviderAlsoBeforeItsFirstWord(Provider of) throws SQLException {
    for (boolean begun : new boolean[] {true, false}) {
      String said = ProviderScripts.answer(of, "hm", List.of("one ", "☃"));
      int before = provider.asked().size();
      provider.behave(_ ->
          ProviderScripts.cut(of, begun ? said.substring(0, said.indexOf('☃')) : "", 10_000)
              .hold());
      try (RpcClient client = RpcClient.connect(parley.wsUrl())) {
        ClientLog log = follow(client, "stop" + begun, of);
        String turnId = started(client.send(log, "go", "c1"));
        await().atMost(LIMIT).until(() -> provider.asked().size() > before);
        if (begun) {
          log.await(() -> !log.text(turnId).isEmpty(), LIMIT, "a word");
        }
        JsonNode stopped = get(client.call("chat.interrupt", session(log.sessionId())));
        assertThat(stopped.path("turnId").asText()).isEqualTo(turnId);
        assertThat(provider.asked().getLast().goneNanos()).isPositive();
        log.awaitStop(turnId, LIMIT);
        assertThat(end(log, turnId).path("reason").asText()).isEqualTo("interrupted");
        check(log);
      }
    }
  }

  @Test
  void aTurnThatStillRunsCountsForItsUsersOtherSessions() throws SQLException {
    String said = ProviderScripts.openAi("", List.of("words ".repeat(1500)), "stop");
    provider.behave(_ ->
        ProviderScripts.cut(Provider.OPENAI, said.substring(0, said.indexOf("\"stop\"")), 10_000)
            .hold());
    try (RpcClient client = RpcClient.connect(parley.wsUrl())) {
      ClientLog talking = follow(client, "spender", Provider.OPENAI);
      String running = started(client.send(talking, "go", "c1"));
      talking.await(() -> talking.text(running).length() == 9000, LIMIT, "all words");
      int before = provider.asked().size();
      ClientLog other = new ClientLog("reader", "spender:openai:other");
      client.create(other.sessionId());
      RpcClient.Stream _ = client.follow(other);
      String refused = started(client.send(other, "go", "c1"));
      other.awaitStop(refused, LIMIT);
      assertThat(end(other, refused).path("reason").asText()).isEqualTo("error");
      assertThat(end(other, refused).path("error").path("code").asText()).isEqualTo("COST_LIMIT");
      assertThat(provider.asked()).hasSize(before);
      JsonNode _ = get(client.call("chat.interrupt", session(talking.sessionId())));
      talking.awaitStop(running, LIMIT);
      check(talking, other);
    }
  }

  /// Of one turn whose questions follow one another at once.
  @Test
  void aTurnKnowsWhatItsLastQuestionHasCost() {
    String called =
        ProviderScripts.openAiCall("call_1", "nope", List.of("{}"))
            .replace("\"prompt_tokens\":36", "\"prompt_tokens\":1490");
    provider.behave(_ -> ProviderScripts.cut(Provider.OPENAI, called, 10_000));
    try (RpcClient client = RpcClient.connect(parley.wsUrl())) {
      for (int i = 0; i < 8; i++) {
        int before = provider.asked().size();
        ClientLog log = follow(client, "caller" + i, Provider.OPENAI);
        String turnId = started(client.send(log, "go", "c1"));
        log.awaitStop(turnId, LIMIT);
        assertThat(end(log, turnId).path("error").path("code").asText()).isEqualTo("COST_LIMIT");
        assertThat(provider.asked()).hasSize(before + 1);
      }
    }
  }

  @Test
  void aDeletionReachesTheProvider() {
    provider.behave(_ -> ProviderScripts.cut(Provider.OPENAI, "", 1).hold());
    int before = provider.asked().size();
    try (RpcClient client = RpcClient.connect(parley.wsUrl())) {
      ClientLog log = follow(client, "gone", Provider.OPENAI);
      String _ = started(client.send(log, "go", "c1"));
      await().atMost(LIMIT).until(() -> provider.asked().size() > before);
      JsonNode _ = get(client.call("session.delete", session(log.sessionId())));
      assertThat(provider.asked().getLast().goneNanos()).isPositive();
    }
  }

  @Test
  void aToolThatNeedsApprovalWaitsForItOverAReconnect() throws SQLException {
    int before = provider.asked().size();
    provider.behave(_ ->
        provider.asked().size() == before + 1
            ? call(Provider.ANTHROPIC, "things_pay", "{}")
            : ProviderScripts.cut(
                Provider.ANTHROPIC,
                ProviderScripts.answer(Provider.ANTHROPIC, "hm", List.of("done")),
                10_000));
    ClientLog log;
    String turnId;
    try (RpcClient client = RpcClient.connect(parley.wsUrl())) {
      log = follow(client, "pay", Provider.ANTHROPIC);
      turnId = started(client.send(log, "pay", "c1"));
      log.await(() -> types(log).contains("tool-approval-request"), LIMIT, "the request");
      assertThat(things.wasCalled("pay")).isFalse();
    }
    String approvalId =
        log.events().stream()
            .map(event -> event.path("event"))
            .filter(event -> event.path("type").asText().equals("tool-approval-request"))
            .findFirst()
            .orElseThrow()
            .path("approvalId")
            .asText();
    try (RpcClient client = RpcClient.connect(parley.wsUrl())) {
      RpcClient.Stream _ = client.subscribe(log);
      ObjectNode answer =
          session(log.sessionId()).put("approvalId", approvalId).put("approved", true);
      JsonNode reply = get(client.call("chat.respondToToolApproval", answer));
      assertThat(reply.path("acknowledged").asBoolean()).isTrue();
      log.awaitStop(turnId, LIMIT);
      assertThat(end(log, turnId).path("reason").asText()).isEqualTo("completed");
      assertThat(things.wasCalled("pay")).isTrue();
      assertThat(types(log)).contains("tool-approval-response", "tool-output-available");
      check(log);
    }
  }

  /// The variable that the README names is one of those that this was started with, and what it
  /// asks is asked here.
  @ParameterizedTest
  @CsvSource({
    "Talk to Claude, ANTHROPIC_API_KEY, ANTHROPIC",
    "Talk to a local model, PARLEY_AGENTS_OLLAMA_MODEL, OLLAMA"
  })
  void whatTheReadmeSaysWorks(String title, String variable, Provider of) throws Exception {
    provider.behave(_ ->
        ProviderScripts.cut(of, ProviderScripts.answer(of, "hm", List.of("It ", "lasts.")), 7));
    String readme = Files.readString(Path.of("README.md"));
    String section = readme.substring(readme.indexOf("## " + title + "\n"));
    section = section.substring(0, section.indexOf("\n## ", 1));
    assertThat(section).containsPattern("\n" + variable + "=\\S+ \\./mvnw quarkus:dev\n");
    assertThat(environment()).containsKey(variable);
    List<String> answers = new ArrayList<>();
    Matcher asked =
        Pattern.compile("http://127.0.0.1:8080(\\S+)[^\\n]*\\\\\n(.*)-d '([^']+)'")
            .matcher(section);
    try (HttpClient http = HttpClient.newHttpClient()) {
      while (asked.find()) {
        HttpRequest.Builder request =
            HttpRequest.newBuilder(parley.baseUrl().resolve(asked.group(1)))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(asked.group(3)));
        if (asked.group(2).contains("text/event-stream")) {
          request.header("accept", "text/event-stream");
        }
        answers.add(http.send(request.build(), BodyHandlers.ofString()).body());
      }
    }
    assertThat(answers).hasSize(2);
    assertThat(answers.getLast()).contains("It ").contains("lasts.").contains("\"completed\"");
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 429, 500})
  void aFailureHasACodeAndNobodyIsToldAnythingOfTheProviders(int status)
      throws IOException, SQLException {
    provider.behave(
        _ -> Script.of(status, Map.of("retry-after", "3600")).say("{\"key\":\"" + SECRET + "\"}"));
    try (RpcClient client = RpcClient.connect(parley.wsUrl())) {
      ClientLog log = follow(client, "fail" + status, Provider.OPENAI);
      String turnId = started(client.send(log, "a-word-of-mine", "c1"));
      log.awaitStop(turnId, LIMIT);
      JsonNode end = end(log, turnId);
      assertThat(end.path("error").path("code").asText())
          .isEqualTo(
              switch (status) {
                case 401 -> "MODEL_KEY_REFUSED";
                case 429 -> "MODEL_RATE_LIMITED";
                default -> "MODEL_OVERLOADED";
              });
      assertThat(end.path("retryable").asBoolean()).isEqualTo(status != 401);
      assertThat(log.events().toString()).doesNotContain(SECRET);
      assertThat(parley.output()).doesNotContain(SECRET).doesNotContain("a-word-of-mine");
      check(log);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Provider.class,
      names = {"ANTHROPIC", "OLLAMA"})
  void whoeverFollowsHoldsTheWholeTextOnceThoughTheNodeIsKilledInTheMiddle(Provider of)
      throws SQLException {
    provider.behave(asked -> tell(of, asked));
    ClientLog log;
    String turnId;
    try (RpcClient client = RpcClient.connect(parley.wsUrl())) {
      log = follow(client, "crash", of);
      turnId = started(client.send(log, "tell me", "c1"));
      ClientLog followed = log;
      String turn = turnId;
      log.await(() -> followed.text(turn).length() > 200, LIMIT, "a part of the tale");
    }
    for (int kill = 1; kill <= 2; kill++) {
      parley.kill();
      parley = ParleyProcess.start(dataDir, environment());
      try (RpcClient client = RpcClient.connect(parley.wsUrl())) {
        RpcClient.Stream _ = client.subscribe(log);
        ClientLog followed = log;
        int more = log.text(turnId).length() + 200;
        String turn = turnId;
        if (kill == 1) {
          log.await(() -> followed.text(turn).length() > more, LIMIT, "more of the tale");
        } else {
          log.awaitStop(turnId, LIMIT);
        }
      }
    }
    assertThat(log.text(turnId)).isEqualTo(String.join("", TALE));
    assertThat(end(log, turnId).path("reason").asText()).isEqualTo("completed");
    assertThat(types(log)).containsOnlyOnce("text-start", "text-end", "start-step", "finish-step");
    check(log);
  }

  /// Tells the tale from where whoever asks says that it was left.
  private static Script tell(Provider of, Asked asked) {
    JsonNode messages;
    try {
      messages = JSON.readTree(asked.body()).path("messages");
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
    JsonNode last = messages.get(messages.size() - 1);
    String partial = "";
    if (last.path("role").asText().equals("assistant")) {
      JsonNode content = last.path("content");
      partial = content.isTextual() ? content.asText() : content.get(0).path("text").asText();
    }
    String whole = String.join("", TALE);
    assertThat(whole).startsWith(partial);
    String rest = whole.substring(partial.length());
    // in pieces that are no words of the first telling
    List<String> pieces =
        IntStream.range(0, (rest.length() + 4) / 5)
            .mapToObj(i -> rest.substring(i * 5, Math.min(rest.length(), i * 5 + 5)))
            .toList();
    String said =
        of == Provider.ANTHROPIC ? text(pieces) : ProviderScripts.ollama("", pieces, "stop");
    Stream<String> lines =
        Stream.of(said.split(of == Provider.ANTHROPIC ? "(?<=\n\n)" : "(?<=\n)", -1));
    return Script.of(200, Map.of("content-type", ProviderScripts.contentType(of)))
        .sayPaced(lines, Duration.ofMillis(4));
  }

  /// An answer of text alone.
  private static String text(List<String> words) {
    return ProviderScripts.anthropic("", words, "end_turn")
        .replaceAll("event: [a-z_]+\ndata: \\{\"type\":\"[a-z_]+\",\"index\":0[^\n]*\n\n", "");
  }

  private static Script call(Provider of, String tool, String input) {
    return switch (of) {
      case ANTHROPIC ->
          ProviderScripts.cut(
              of, ProviderScripts.anthropicCall("toolu_1", tool, List.of(input)), 3);
      case OPENAI ->
          ProviderScripts.cut(of, ProviderScripts.openAiCall("call_1", tool, List.of(input)), 3);
      case OLLAMA -> ProviderScripts.cut(of, ProviderScripts.ollamaCall(tool, input), 3);
    };
  }

  private static String agent(Provider of) {
    return switch (of) {
      case ANTHROPIC -> "claude";
      case OPENAI -> "openai";
      case OLLAMA -> "ollama";
    };
  }

  private static ClientLog follow(RpcClient client, String user, Provider of) {
    ClientLog log = new ClientLog("reader", user + ":" + agent(of) + ":t");
    client.create(log.sessionId());
    RpcClient.Stream _ = client.follow(log);
    return log;
  }

  private static List<String> types(ClientLog log) {
    return log.events().stream().map(event -> event.path("event").path("type").asText()).toList();
  }

  private static JsonNode end(ClientLog log, String turnId) {
    JsonNode end = log.stop(turnId);
    if (end == null) {
      throw new AssertionError("turn " + turnId + " has not ended");
    }
    return end;
  }

  private void check(ClientLog... logs) throws SQLException {
    try (Connection database = ParleyProcess.connectTo(dataDir)) {
      assertThat(Checker.check(database, List.of(logs))).isEmpty();
    }
  }
}
