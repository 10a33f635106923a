package dev.parley.agent.turn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.agent.llm.Provider;
import dev.parley.agent.llm.ProviderScripts;
import dev.parley.agent.tool.Tools;
import dev.parley.agent.turn.ModelTurns.Turn;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.FinishStep;
import dev.parley.content.ChatStreamEvent.StartStep;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.ChatStreamEvent.ToolApprovalRequest;
import dev.parley.content.ChatStreamEvent.ToolApprovalResponse;
import dev.parley.content.ChatStreamEvent.ToolInputAvailable;
import dev.parley.content.ChatStreamEvent.ToolInputDelta;
import dev.parley.content.ChatStreamEvent.ToolInputError;
import dev.parley.content.ChatStreamEvent.ToolInputStart;
import dev.parley.content.ChatStreamEvent.ToolOutputAvailable;
import dev.parley.content.ChatStreamEvent.ToolOutputDenied;
import dev.parley.content.ChatStreamEvent.ToolOutputError;
import dev.parley.content.FinishReason;
import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.content.MessagePart;
import dev.parley.content.Usage;
import dev.parley.content.Utf8;
import dev.parley.session.ChatMessage;
import dev.parley.session.TurnId;
import dev.parley.testing.ProviderStandIn.Script;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Steps: a model calls tools, and is asked again with what came of them.
class ModelToolsTest {
  private final ModelTurns turns = new ModelTurns();

  @BeforeEach
  void tools() {
    turns.withTools();
  }

  @AfterEach
  void close() throws Exception {
    turns.close();
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void runsToolsAndAsksAgainWithWhatTheySaid(Provider of) {
    behave(call(of, "clock", "{\"place\":\"Rome\"}"), answer(of));
    Turn turn = turns.answer(of).await();
    List<Content> said = new ArrayList<>(turn.said());
    said.removeIf(ToolInputDelta.class::isInstance);
    String id = ((ToolInputStart) said.get(1)).toolCallId();
    assertThat(said)
        .startsWith(
            new StartStep(),
            new ToolInputStart(id, "clock"),
            new ToolInputAvailable(id, "clock", new JsonText("{\"place\":\"Rome\"}")),
            new ToolOutputAvailable(id, new JsonText("\"noon in Rome\""), false),
            new FinishStep(),
            new StartStep());
    assertThat(turn.text()).isEqualTo("done");
    assertThat(turn.finished().usage().outputTokens()).isGreaterThan(15);
    assertThat(turns.asked(1).path("messages").toString())
        .contains("Rome")
        .contains("noon in Rome");
    assertThat(turns.asked(1).path("tools")).hasSize(4);
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void aToolThatThrowsIsAnErrorPartAndTheModelIsTold(Provider of) {
    behave(call(of, "broken", "{}"), answer(of));
    Turn turn = turns.answer(of);
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(turn.said())
        .filteredOn(ToolOutputError.class::isInstance)
        .extracting(error -> ((ToolOutputError) error).errorText())
        .containsExactly("out of order");
    assertThat(turns.asked(1).path("messages").toString()).contains("out of order");
  }

  @Test
  void anUnknownToolIsAnErrorPartToo() {
    behave(call(Provider.OPENAI, "none", "{}"), answer(Provider.OPENAI));
    Turn turn = turns.answer(Provider.OPENAI);
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(turn.said()).hasAtLeastOneElementOfType(ToolOutputError.class);
  }

  @ParameterizedTest
  @EnumSource(
      value = Provider.class,
      names = {"ANTHROPIC", "OPENAI"})
  void anInputThatIsNoJsonIsAnErrorPartAndTheModelIsTold(Provider of) {
    behave(call(of, "clock", "{place:"), answer(of));
    Turn turn = turns.answer(of);
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(turn.said())
        .filteredOn(ToolInputError.class::isInstance)
        .extracting(error -> ((ToolInputError) error).input())
        .containsExactly(new JsonText("\"{place:\""));
    assertThat(turns.bean.calls).isEmpty();
    assertThat(turns.asked(1).path("messages").toString()).contains("not a JSON object");
  }

  @Test
  void asksNoMoreOftenThanItMay() {
    turns.stepsMax = 2;
    turns.provider.behave(_ -> call(Provider.ANTHROPIC, "clock", "{}"));
    Turn turn = turns.answer(Provider.ANTHROPIC);
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.OTHER);
    assertThat(turns.provider.asked()).hasSize(2);
    assertThat(turn.said()).endsWith(new FinishStep());
  }

  @Test
  void makesNoMoreCallsInOneStepThanItMay() {
    turns.callsMax = 1;
    Script two =
        Script.answer(
            ProviderScripts.LINES,
            ProviderScripts.ollamaCalls("clock", List.of("{\"place\":\"A\"}", "{}")));
    behave(two, answer(Provider.OLLAMA));
    Turn turn = turns.answer(Provider.OLLAMA);
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(turns.bean.calls).containsExactly("clock A");
    assertThat(turn.said())
        .filteredOn(ToolOutputError.class::isInstance)
        .hasSize(1)
        .allMatch(error -> ((ToolOutputError) error).errorText().contains("no more than 1"));
  }

  @Test
  void callsOfOneNameInTwoStepsHaveIdsOfTheirOwn() {
    Script same = call(Provider.OPENAI, "clock", "{}");
    behave(same, same, answer(Provider.OPENAI));
    Turn turn = turns.answer(Provider.OPENAI).await();
    assertThat(turn.said())
        .filteredOn(ToolInputStart.class::isInstance)
        .extracting(start -> ((ToolInputStart) start).toolCallId())
        .doesNotHaveDuplicates()
        .hasSize(2);
  }

  @Test
  void callsOfOneAnswerHaveIdsOfTheirOwnWhateverTheyAreCalled() {
    turns.callsMax = 5;
    turns.callsMax = 5;
    String endless = "x".repeat(300);
    List<String> given = List.of("same", "same", "half\\ud800", endless, endless);
    String calls =
        IntStream.range(0, given.size())
            .mapToObj(at ->
                """
                data: {"model":"m\\u0000","choices":[{"index":0,"delta":{"tool_calls":[{"index":%d,\
                "id":"%s","type":"function","function":{"name":"clock",\
                "arguments":"{\\"place\\":\\"%d\\"}"}}]},"finish_reason":null}]}

                """
                    .formatted(at, given.get(at), at))
            .collect(Collectors.joining());
    String end =
        """
        data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

        data: [DONE]

        """;
    behave(
        Script.answer(ProviderScripts.EVENT_STREAM, calls + end),
        Script.answer(
            ProviderScripts.EVENT_STREAM,
            ProviderScripts.openAi("hm", List.of("done"), "stop")
                .replace("gpt-test-1", "m\\u0000")));
    Turn turn = turns.answer(Provider.OPENAI).await();
    assertThat(turns.bean.calls)
        .containsExactlyInAnyOrder("clock 0", "clock 1", "clock 2", "clock 3", "clock 4");
    assertThat(turn.said())
        .filteredOn(ToolInputStart.class::isInstance)
        .extracting(start -> ((ToolInputStart) start).toolCallId())
        .startsWith("same", "same_1")
        .doesNotHaveDuplicates()
        .hasSize(given.size())
        .allMatch(id -> id.length() < 64 && Utf8.isStorable(id));
    assertThat(turn.finished().model()).as("no name that can be stored").isNull();
  }

  @Test
  void aStopInterruptsTheTool() throws Exception {
    behave(call(Provider.OPENAI, "slow", "{}"));
    Turn turn = turns.answer(Provider.OPENAI);
    await().until(() -> !turns.bean.calls.isEmpty());
    turn.cancel();
    turns.bean.interrupted.get(20, TimeUnit.SECONDS);
    assertThat(turn.isOver()).isFalse();
  }

  @Test
  void runsWhatNeedsApprovalOnceSomebodyHasAgreed() {
    behave(call(Provider.ANTHROPIC, "pay", "{}"), answer(Provider.ANTHROPIC));
    Turn turn = turns.answer(Provider.ANTHROPIC);
    await().until(() -> turns.waitsFor("turn1-0"));
    assertThat(turn.said()).endsWith(new ToolApprovalRequest("turn1-0", "toolu_1", "pay"));
    assertThat(turns.bean.calls).isEmpty();
    turns.approve("turn1-0", true, null);
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(turns.bean.calls).containsExactly("pay");
  }

  @Test
  void tellsTheModelThatSomebodyDidNotAgree() {
    behave(call(Provider.OPENAI, "pay", "{}"), answer(Provider.OPENAI));
    Turn turn = turns.answer(Provider.OPENAI);
    turns.approve("turn1-0", false, "too dear");
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(turn.said()).contains(new ToolOutputDenied("toolu_1"));
    assertThat(turns.bean.calls).isEmpty();
    assertThat(turns.asked(1).path("messages").toString()).contains("Reason: too dear");
  }

  @Test
  void aStopWhileSomebodyIsAskedIsTheEndOfTheWait() {
    behave(call(Provider.OPENAI, "pay", "{}"));
    Turn turn = turns.answer(Provider.OPENAI);
    await().until(() -> turns.waitsFor("turn1-0"));
    turn.cancel();
    turns.approve("turn1-0", true, null);
    assertThat(turns.bean.calls).isEmpty();
    assertThat(turn.isOver()).isFalse();
  }

  @Test
  void doesNotMakeCallsOfAnAnswerThatWasCutOff() {
    String whole =
        ProviderScripts.anthropicCall("c1", "clock", List.of("{}"))
            .replace("\"tool_use\"}", "\"max_tokens\"}");
    turns.provider.behave(_ -> Script.answer(ProviderScripts.EVENT_STREAM, whole));
    Turn turn = turns.answer(Provider.ANTHROPIC);
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.LENGTH);
    assertThat(turn.said()).hasAtLeastOneElementOfType(ToolOutputError.class);
    assertThat(turns.bean.calls).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void aCallThatMayHaveRunBeforeTheNodeWasLostIsNotMadeAgain(Provider of) {
    turns.provider.behave(_ -> answer(of));
    Turn turn =
        turns.resume(
            of,
            step(
                "clock",
                new ToolInputStart("c2", "clock"),
                new ToolInputAvailable("c2", "clock", new JsonText("{}")),
                new ToolOutputAvailable("c2", new JsonText("\"noon\""), false),
                new ToolInputStart("c3", "clock"),
                new ToolInputDelta("c3", "{\"pla")));
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(turns.bean.calls).isEmpty();
    assertThat(turn.said().get(0)).isInstanceOf(ToolInputError.class);
    assertThat(turn.said().get(1)).isInstanceOf(ToolOutputError.class);
    assertThat(turn.said().get(2)).isEqualTo(new FinishStep());
    assertThat(turn.said().get(3)).isEqualTo(new StartStep());
    JsonNode messages = turns.asked(0).path("messages");
    assertThat(messages.toString()).contains("node was lost while this tool ran").contains("noon");
  }

  @Test
  void aRequestForApprovalThatWasLeftOpenGoesOnWaiting() {
    turns.provider.behave(_ -> answer(Provider.OPENAI));
    Turn turn =
        turns.resume(
            Provider.OPENAI,
            step(
                "pay",
                new ToolInputStart("c2", "pay"),
                new ToolInputAvailable("c2", "pay", new JsonText("{}")),
                new ToolApprovalRequest("turn1-0", "c1", "pay")));
    turns.approve("turn1-0", true, null);
    turns.approve("turn1-1", false, null);
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(turns.bean.calls).containsExactly("pay");
    assertThat(turn.said())
        .contains(new ToolApprovalRequest("turn1-1", "c2", "pay"), new ToolOutputDenied("c2"));
  }

  @Test
  void aRefusalThatWasNotToldIsTold() {
    turns.provider.behave(_ -> answer(Provider.OPENAI));
    Turn turn =
        turns.resume(
            Provider.OPENAI,
            step(
                "pay",
                new ToolApprovalRequest("turn1-0", "c1", "pay"),
                new ToolApprovalResponse("turn1-0", false, "no")));
    assertThat(turn.await().said()).startsWith(new ToolOutputDenied("c1"), new FinishStep());
    assertThat(turns.asked(0).path("messages").toString()).contains("Reason: no");
  }

  @Test
  void goesOnAfterStepsThatWereOver() {
    turns.provider.behave(_ -> answer(Provider.OPENAI));
    Turn turn =
        turns.resume(
            Provider.OPENAI,
            new StartStep(),
            new TextDelta("t0", "let me look"),
            new ToolInputStart("c1", "clock"),
            new ToolInputAvailable("c1", "clock", new JsonText("{}")),
            new ToolOutputAvailable("c1", new JsonText("\"noon\""), false),
            new FinishStep());
    assertThat(turn.await().said()).startsWith(new StartStep());
    assertThat(turn.text()).isEqualTo("done");
    JsonNode messages = turns.asked(0).path("messages");
    assertThat(messages.get(1).path("content").asText()).isEqualTo("let me look");
    assertThat(messages.get(2).path("role").asText()).isEqualTo("tool");
  }

  @Test
  void goesOnThoughItsToolsAreAway() {
    turns.tools = Tools.NONE;
    turns.provider.behave(_ -> answer(Provider.ANTHROPIC));
    Turn turn =
        turns.resume(
            Provider.ANTHROPIC,
            step(
                "clock",
                new ToolOutputAvailable("c1", new JsonText("\"noon\""), false),
                new FinishStep()));
    assertThat(turn.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(turns.asked(0).path("tools").findValuesAsText("name")).containsExactly("clock");
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void asksOnAfterAnAnswerWithCallsThatCouldNotBeMade(Provider of) throws Exception {
    MessagePart odd =
        new MessagePart.Tool(
            "c1",
            "unknown",
            MessagePart.ToolState.OUTPUT_ERROR,
            new JsonText("\"{\\\"a\\\":\""),
            null,
            null,
            "why");
    turns.history =
        List.of(
            new ChatMessage.OfUser(ModelTurns.INPUT),
            new ChatMessage.OfAgent(
                new MessageId("a1"),
                new TurnId("t"),
                List.of(new MessagePart.StepStart(), odd, new MessagePart.Text(" \n")),
                false,
                Usage.NONE,
                null,
                Instant.EPOCH));
    turns.provider.behave(_ -> answer(of));
    assertThat(turns.answer(of).finished().reason()).isEqualTo(FinishReason.STOP);
    JsonNode called = turns.asked(0).path("messages").get(1);
    JsonNode input =
        switch (of) {
          case ANTHROPIC -> called.at("/content/0/input");
          case OPENAI ->
              new ObjectMapper().readTree(called.at("/tool_calls/0/function/arguments").asText());
          case OLLAMA -> called.at("/tool_calls/0/function/arguments");
        };
    assertThat(input.isObject()).isTrue();
    assertThat(input).isEmpty();
  }

  @Test
  void anthropicsThinkingModelsDoNotGoOnAfterCalls() {
    turns.thinkingBudget = 1024;
    assertThat(
            turns
                .agent(Provider.ANTHROPIC)
                .canResume(
                    ModelTurns.INPUT,
                    ModelTurns.output(
                        step(
                            "clock",
                            new ToolOutputAvailable("c1", new JsonText("\"noon\""), false),
                            new FinishStep()))))
        .isFalse();
  }

  /// One answer after the other.
  private void behave(Script... answers) {
    turns.provider.behave(_ -> answers[turns.provider.asked().size() - 1]);
  }

  /// A step that has called a tool as `c1`, and what it said then.
  private static Content[] step(String tool, Content... then) {
    List<Content> said = new ArrayList<>();
    said.add(new StartStep());
    said.add(new ToolInputStart("c1", tool));
    said.add(new ToolInputAvailable("c1", tool, new JsonText("{}")));
    said.addAll(List.of(then));
    return said.toArray(Content[]::new);
  }

  private static Script call(Provider of, String name, String input) {
    return switch (of) {
      case ANTHROPIC ->
          Script.answer(
              ProviderScripts.EVENT_STREAM,
              ProviderScripts.anthropicCall("toolu_1", name, List.of(input)));
      case OPENAI ->
          Script.answer(
              ProviderScripts.EVENT_STREAM,
              ProviderScripts.openAiCall("toolu_1", name, List.of(input)));
      case OLLAMA -> Script.answer(ProviderScripts.LINES, ProviderScripts.ollamaCall(name, input));
    };
  }

  private static Script answer(Provider of) {
    return ProviderScripts.cut(of, ProviderScripts.answer(of, "hm", List.of("done")), 10_000);
  }
}
