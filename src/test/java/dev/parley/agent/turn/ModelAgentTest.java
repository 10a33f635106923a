package dev.parley.agent.turn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.agent.AgentFailure;
import dev.parley.agent.llm.Provider;
import dev.parley.agent.llm.ProviderScripts;
import dev.parley.agent.turn.ModelAgent.CostLimits;
import dev.parley.agent.turn.ModelAgent.Retries;
import dev.parley.agent.turn.ModelTurns.Turn;
import dev.parley.content.ChatStreamEvent.FinishStep;
import dev.parley.content.ChatStreamEvent.ReasoningDelta;
import dev.parley.content.ChatStreamEvent.ReasoningEnd;
import dev.parley.content.ChatStreamEvent.ReasoningStart;
import dev.parley.content.ChatStreamEvent.StartStep;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.ChatStreamEvent.TextEnd;
import dev.parley.content.ChatStreamEvent.TextStart;
import dev.parley.content.FinishReason;
import dev.parley.content.Usage;
import dev.parley.session.Refusal.Code;
import dev.parley.testing.ProviderStandIn.Script;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One question to a model and its answer as a turn, and what becomes of the turn where it fails.
class ModelAgentTest {
  private static final List<String> WORDS = List.of("Grüße ", "☃ ", "😀");

  private final ModelTurns turns = new ModelTurns();

  @AfterEach
  void close() throws Exception {
    turns.close();
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void saysWhatTheModelSaysInOneStep(Provider of) {
    turns.provider.behave(_ -> whole(of));
    Turn turn = turns.answer(of).await();
    assertThat(turn.said())
        .containsExactly(
            new StartStep(),
            new ReasoningStart("r0"),
            new ReasoningDelta("r0", "hm"),
            new ReasoningEnd("r0"),
            new TextStart("t1"),
            new TextDelta("t1", "Grüße "),
            new TextDelta("t1", "☃ "),
            new TextDelta("t1", "😀"),
            new TextEnd("t1"),
            new FinishStep());
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(turn.finished().model()).isNotBlank();
    assertThat(turn.finished().usage().outputTokens()).isEqualTo(15);
    assertThat(turn.spent()).isEqualTo(turn.finished().usage());
  }

  @Test
  void saysNoMoreThanIsAskedFor() {
    turns.provider.behave(_ -> whole(Provider.ANTHROPIC));
    turns.demand = 3;
    Turn turn = turns.answer(Provider.ANTHROPIC);
    turn.awaitSaid(2);
    turn.request(1);
    turn.awaitSaid(3);
    assertThat(turn.isOver()).isFalse();
    turn.request(Long.MAX_VALUE);
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(turn.text()).isEqualTo(String.join("", WORDS));
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(401, "{}", Code.MODEL_KEY_REFUSED, false, 1),
        Arguments.of(403, "{}", Code.MODEL_KEY_REFUSED, false, 1),
        Arguments.of(404, "{}", Code.MODEL_UNKNOWN, false, 1),
        Arguments.of(429, "{}", Code.MODEL_RATE_LIMITED, true, 3),
        Arguments.of(500, "{}", Code.MODEL_OVERLOADED, true, 3),
        Arguments.of(529, "{}", Code.MODEL_OVERLOADED, true, 3),
        Arguments.of(400, "{\"error\":\"prompt is too long\"}", Code.CONTEXT_TOO_LONG, false, 1));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void failsWithACodeAndAsksAgainWhereThatMayHelp(
      int status, String body, Code code, boolean retryable, int asked) {
    for (Provider of : Provider.values()) {
      int before = turns.provider.asked().size();
      turns.provider.behave(
          _ -> Script.of(status, Map.of()).say(body + "quotes sk-secret and hello"));
      AgentFailure told = turns.answer(of).told();
      assertThat(told.code()).as("%s", of).isEqualTo(code);
      assertThat(told.retryable()).isEqualTo(retryable);
      assertThat(told.told()).doesNotContain("sk-secret").doesNotContain("hello");
      assertThat(turns.provider.asked()).hasSize(before + asked);
    }
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void asksAgainUntilTheModelCanAnswer(Provider of) {
    turns.provider.behave(asked ->
        turns.provider.asked().size() <= 2
            ? Script.of(turns.provider.asked().size() == 1 ? 429 : 529, Map.of("retry-after", "0"))
                .say("{}")
            : whole(of));
    Turn turn = turns.answer(of);
    assertThat(turn.finished().usage().outputTokens()).isEqualTo(15);
    assertThat(turn.text()).isEqualTo(String.join("", WORDS));
    assertThat(turn.said()).filteredOn(StartStep.class::isInstance).hasSize(1);
    assertThat(turns.provider.asked()).hasSize(3);
  }

  @Test
  void waitsAsLongAsTheProviderWants() {
    turns.provider.behave(asked ->
        turns.provider.asked().size() == 1
            ? Script.of(429, Map.of("retry-after", "1")).say("{}")
            : whole(Provider.OPENAI));
    long began = System.nanoTime();
    assertThat(turns.answer(Provider.OPENAI).finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void doesNotWaitLongerThanItMay() {
    turns.provider.behave(_ -> Script.of(429, Map.of("retry-after", "60")).say("{}"));
    assertThat(turns.answer(Provider.OPENAI).told().code()).isEqualTo(Code.MODEL_RATE_LIMITED);
    assertThat(turns.provider.asked()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void neverAsksAgainAfterTheFirstWord(Provider of) {
    String said = ProviderScripts.answer(of, "hm", WORDS);
    turns.provider.behave(
        _ -> ProviderScripts.cut(of, said.substring(0, said.indexOf('☃')), 10_000).cut());
    Turn turn = turns.answer(of);
    assertThat(turn.told().code()).isEqualTo(Code.MODEL_LOST);
    assertThat(turn.told().retryable()).isTrue();
    assertThat(turn.text()).isEqualTo("Grüße ");
    assertThat(turns.provider.asked()).hasSize(1);
    assertThat(turn.spent().inputTokens()).isPositive();
    assertThat(turn.spent().outputTokens()).isNotNegative();
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void asksAgainWhereTheConnectionIsCutBeforeTheFirstWord(Provider of) {
    turns.provider.behave(
        _ -> turns.provider.asked().size() == 1 ? ProviderScripts.cut(of, "", 1).cut() : whole(of));
    assertThat(turns.answer(of).finished().reason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void failsWhereNobodyIsThere() {
    turns.provider.close();
    AgentFailure told = turns.answer(Provider.OLLAMA).told();
    assertThat(told.code()).isEqualTo(Code.MODEL_UNREACHABLE);
    assertThat(told.told()).contains("parley.agents.test.base-url");
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void failsOnWhatIsNotTheProvidersFormat(Provider of) {
    String nonsense = ProviderScripts.nonsense(of);
    turns.provider.behave(_ -> ProviderScripts.cut(of, nonsense, 10_000).hold());
    assertThat(turns.answer(of).told().code()).isEqualTo(Code.MODEL_UNREADABLE);
    assertThat(turns.provider.asked().getFirst().goneNanos()).isPositive();
  }

  @Test
  void endsAsFilteredWhereTheProviderSaysSo() {
    turns.provider.behave(_ ->
        Script.answer(
            ProviderScripts.EVENT_STREAM, ProviderScripts.openAi("hm", WORDS, "content_filter")));
    assertThat(turns.answer(Provider.OPENAI).finished().reason())
        .isEqualTo(FinishReason.CONTENT_FILTER);
  }

  @ParameterizedTest
  @EnumSource(
      value = Provider.class,
      names = {"ANTHROPIC"})
  void doesNotAskWithoutAKey(Provider of) {
    turns.apiKey = null;
    AgentFailure told = turns.answer(of).told();
    assertThat(told.code()).isEqualTo(Code.MODEL_KEY_REFUSED);
    assertThat(told.told()).contains("parley.agents.test.api-key");
    assertThat(turns.provider.asked()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void aStopCutsTheExchangeBeforeTheFirstWordAndAfter(Provider of) {
    String said = ProviderScripts.answer(of, "hm", WORDS);
    for (boolean begun : new boolean[] {true, false}) {
      int before = turns.provider.asked().size();
      turns.provider.behave(_ ->
          ProviderScripts.cut(of, begun ? said.substring(0, said.indexOf('☃')) : "", 10_000)
              .hold());
      Turn turn = turns.answer(of);
      await().until(() -> turns.provider.asked().size() > before);
      turn.awaitSaid(begun ? 5 : 1);
      turn.cancel();
      assertThat(turns.provider.asked().getLast().goneNanos()).isPositive();
      assertThat(turn.isOver()).isFalse();
    }
  }

  @Test
  void aStopBetweenTwoTriesIsTheEndOfThem() {
    turns.retries = new Retries(5, Duration.ofMillis(200), Duration.ofSeconds(20));
    turns.provider.behave(_ -> Script.of(529, Map.of()).say("{}"));
    Turn turn = turns.answer(Provider.ANTHROPIC);
    await().until(() -> !turns.provider.asked().isEmpty());
    turn.cancel();
    int asked = turns.provider.asked().size();
    turns.provider.behave(_ -> whole(Provider.ANTHROPIC));
    // what follows on the same loop comes after whatever the first turn had left there
    turns.retries = new Retries(0, Duration.ofSeconds(1), Duration.ofSeconds(1));
    Turn later = turns.answer(Provider.ANTHROPIC);
    assertThat(later.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(turns.provider.asked()).hasSize(asked + 1);
  }

  static Stream<Arguments> limits() {
    return Stream.of(
        Arguments.of(new CostLimits(1000, 0, 0), "parley.agents.test.turn-tokens-max"),
        Arguments.of(new CostLimits(0, 10_000, 0), "parley.agents.test.session-tokens-max"),
        Arguments.of(new CostLimits(0, 0, 100_000), "parley.agents.test.user-day-tokens-max"));
  }

  @ParameterizedTest
  @MethodSource("limits")
  void doesNotAskWhereThatWouldCostTooMuch(CostLimits limits, String setting) {
    turns.provider.behave(_ -> whole(Provider.OLLAMA));
    turns.limits = limits;
    turns.turnSpent = Usage.of(900, 80);
    turns.sessionSpent = new Usage(8000, 500, 300, 200);
    turns.spentToday = Uni.createFrom().item(99_980L);
    assertThat(turns.answer(Provider.OLLAMA).finished().reason()).isEqualTo(FinishReason.STOP);
    int before = turns.provider.asked().size();
    turns.turnSpent = Usage.of(900, 100);
    // the ledger knows of this turn too
    turns.spentToday = Uni.createFrom().item(100_000L);
    AgentFailure told = turns.answer(Provider.OLLAMA).told();
    assertThat(told.code()).isEqualTo(Code.COST_LIMIT);
    assertThat(told.told()).contains(setting);
    assertThat(told.retryable()).isFalse();
    assertThat(turns.provider.asked()).hasSize(before);
  }

  /// It knows of this turn what is durable: neither less, nor what was only estimated.
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void asksTheLedgerWhenItKnowsWhatTheTurnHasCost(int beyond) {
    turns.withTools();
    turns.limits = new CostLimits(0, 0, 2000);
    turns.spentToday = Uni.createFrom().deferred(() -> Uni.createFrom().item(turns.durable));
    turns.provider.behave(_ ->
        turns.provider.asked().size() > 1
            ? whole(Provider.OLLAMA)
            : ProviderScripts.cut(
                Provider.OLLAMA,
                ProviderScripts.ollamaCall("clock", "{}")
                    .replace(
                        "\"prompt_eval_count\":25",
                        "\"prompt_eval_count\":" + (beyond == 0 ? 5 : 1980)),
                10_000));
    Turn turn = turns.answer(Provider.OLLAMA);
    if (beyond == 0) {
      assertThat(turn.finished().reason()).isEqualTo(FinishReason.STOP);
    } else {
      assertThat(turn.told().code()).isEqualTo(Code.COST_LIMIT);
    }
    assertThat(turns.provider.asked()).hasSize(2 - beyond);
  }

  @Test
  void passesOnThatTheLedgerIsAway() {
    turns.limits = new CostLimits(0, 0, 100);
    IllegalStateException away = new IllegalStateException("away");
    turns.spentToday = Uni.createFrom().failure(away);
    assertThat(turns.answer(Provider.OLLAMA).failure()).isSameAs(away);
    assertThat(turns.provider.asked()).isEmpty();
  }

  @Test
  void tellsWhatALongAnswerCostsWhileItStreams() {
    List<String> words = Stream.generate(() -> "word ".repeat(100)).limit(10).toList();
    String said = ProviderScripts.openAi("hm", words, "stop");
    turns.provider.behave(_ ->
        ProviderScripts.cut(Provider.OPENAI, said.substring(0, said.indexOf("\"stop\"")), 10_000)
            .hold());
    Turn turn = turns.answer(Provider.OPENAI);
    await().until(() -> turn.text().length() == 5000);
    // 5000 letters are some 1250 tokens, told in steps of 256
    assertThat(turn.spent().outputTokens()).isBetween(1024L, 1250L);
    turn.cancel();
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void givesAnOpenAnswerToTheModelToGoOnWith(Provider of) {
    boolean possible = of != Provider.OPENAI;
    assertThat(
            turns
                .agent(of)
                .canResume(
                    ModelTurns.INPUT,
                    ModelTurns.output(
                        new StartStep(), new TextStart("t0"), new TextDelta("t0", "one "))))
        .isEqualTo(possible);
    if (!possible) {
      return;
    }
    turns.provider.behave(_ ->
        Script.answer(ProviderScripts.contentType(of), goOn(of, List.of(" tw", "o ", "three"))));
    Turn turn = turns.resume(of, new StartStep(), new TextStart("t0"), new TextDelta("t0", "one "));
    assertThat(turn.await().said())
        .containsExactly(
            new TextDelta("t0", "tw"),
            new TextDelta("t0", "o "),
            new TextDelta("t0", "three"),
            new TextEnd("t0"),
            new FinishStep());
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.STOP);
    JsonNode messages = turns.asked(0).path("messages");
    JsonNode last = messages.get(messages.size() - 1);
    assertThat(last.path("role").asText()).isEqualTo("assistant");
    assertThat(last.path("content").toString()).contains("one").doesNotContain("one ");
  }

  @Test
  void goesOnWithAllItHadSaidWhereTheModelCallsATool() {
    turns.withTools();
    turns.provider.behave(_ ->
        turns.provider.asked().size() == 1
            ? Script.answer(
                ProviderScripts.EVENT_STREAM,
                ProviderScripts.anthropicCall("c1", "clock", List.of("{}")))
            : goOnScript());
    Turn turn =
        turns.resume(
            Provider.ANTHROPIC,
            new StartStep(),
            new TextStart("t0"),
            new TextDelta("t0", "let me look"));
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.STOP);
    JsonNode messages = turns.asked(1).path("messages");
    assertThat(messages.get(1).path("content").get(0).path("text").asText())
        .isEqualTo("let me look");
    assertThat(messages.get(1).path("content").get(1).path("type").asText()).isEqualTo("tool_use");
  }

  private static Script goOnScript() {
    return Script.answer(ProviderScripts.EVENT_STREAM, goOn(Provider.ANTHROPIC, List.of("done")));
  }

  @Test
  void endsRetryablyWhereTheModelDoesNotTakeItsPartialAnswer() {
    turns.provider.behave(_ -> Script.of(400, Map.of()).say("{\"error\":\"prefill\"}"));
    AgentFailure told =
        turns
            .resume(
                Provider.ANTHROPIC,
                new StartStep(),
                new TextStart("t0"),
                new TextDelta("t0", "one"))
            .told();
    assertThat(told.code()).isEqualTo(Code.MODEL_LOST);
    assertThat(told.retryable()).isTrue();
  }

  @Test
  void aLostAnswerThatWasWholeIsOverWithoutAsking() {
    Turn turn =
        turns.resume(
            Provider.OPENAI,
            new StartStep(),
            new TextStart("t0"),
            new TextDelta("t0", "one"),
            new TextEnd("t0"),
            new FinishStep());
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(turn.said()).isEmpty();
    assertThat(turns.provider.asked()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void aLostThoughtIsThoughtAnew(Provider of) {
    turns.provider.behave(_ -> whole(of));
    turns.thinkingBudget = 1024;
    turns.turnSpent = Usage.of(7, 7);
    Turn turn =
        turns.resume(
            of, new StartStep(), new ReasoningStart("r0"), new ReasoningDelta("r0", "half"));
    assertThat(turn.await().said())
        .startsWith(new ReasoningEnd("r0"), new ReasoningStart("r1"))
        .doesNotContain(new StartStep());
    assertThat(turn.text()).isEqualTo(String.join("", WORDS));
    assertThat(turn.finished().usage().outputTokens()).isEqualTo(22);
  }

  /// An answer without reasoning.
  private static String goOn(Provider of, List<String> words) {
    String whole = ProviderScripts.answer(of, "", words);
    return switch (of) {
      case ANTHROPIC ->
          whole.replaceAll(
              "event: [a-z_]+\ndata: \\{\"type\":\"[a-z_]+\",\"index\":0[^\n]*\n\n", "");
      case OPENAI, OLLAMA -> whole;
    };
  }

  private static Script whole(Provider of) {
    return ProviderScripts.cut(of, ProviderScripts.answer(of, "hm", WORDS), 7);
  }
}
