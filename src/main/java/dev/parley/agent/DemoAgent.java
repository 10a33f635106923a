package dev.parley.agent;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.TurnOutput;
import dev.parley.content.Usage;
import dev.parley.loop.EventLoop;
import dev.parley.session.ChatMessage;
import dev.parley.session.UserMessage;
import io.smallrye.mutiny.Multi;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;

/// The built-in agent: needs no model, no key and no network, and gives the same answer to the same
/// message. Newcomers talk to it first; tests and load generators drive it by its commands
/// ([DemoCommand]). Usage is counted in words: of the conversation as input, of the answer as
/// output.
public final class DemoAgent implements Agent {
  private static final String MODEL = "demo";
  private static final int WORDS_PER_SECOND = 40;
  private static final int TOKENS_PER_SECOND = DemoCommand.RATE_DEFAULT;
  private static final int SLOW_START_TOKENS = 10;
  private static final String REASONING = "r1";
  private static final String CALL = "call1";

  @Override
  public Multi<AgentEvent> answer(AgentContext context) {
    return play(context, TurnOutput.EMPTY);
  }

  /// Counting goes on from the last number.
  @Override
  public boolean canResume(UserMessage input, TurnOutput said) {
    return DemoCommand.of(input.content()) instanceof DemoCommand.Count;
  }

  @Override
  public Multi<AgentEvent> resume(AgentContext context, TurnOutput said) {
    return play(context, said);
  }

  private static Multi<AgentEvent> play(AgentContext context, TurnOutput said) {
    EventLoop loop = context.loop();
    return context
        .history()
        .onItem()
        .transformToMulti(history -> {
          Script script = ScriptTail.of(script(context, history), said);
          Flow.Publisher<AgentEvent> paced =
              subscriber -> PacedSubscription.start(script, loop, subscriber);
          return Multi.createFrom().publisher(paced);
        });
  }

  private static Script script(AgentContext context, List<ChatMessage> history) {
    long input = DemoText.countWords(history, context.input());
    Script.Writer answer = new Script.Writer();
    return switch (DemoCommand.of(context.input().content())) {
      case DemoCommand.Talk talk -> {
        List<String> texts = DemoText.answer(talk.message());
        yield end(
            answer.step(step -> {
              texts.forEach(text -> line(step, text));
              return step;
            }),
            input);
      }
      case DemoCommand.Count count ->
          end(
              answer.step(
                  step -> step.text(count.tokens(), count.ratePerSecond(), DemoAgent::number)),
              input);
      case DemoCommand.Stamp stamp -> {
        EventLoop loop = context.loop();
        yield end(
            answer.step(step ->
                step.text(stamp.tokens(), stamp.ratePerSecond(), _ -> "n" + loop.nanoTime() + " ")),
            input);
      }
      case DemoCommand.Think think ->
          end(answer.step(step -> line(think(step, think.tokens()), thought(think))), input);
      case DemoCommand.Tool tool ->
          end(
              answer
                  .step(step -> call(step, tool))
                  .step(step -> line(step, "The tool `" + tool.name() + "` gave its input back.")),
              input);
      case DemoCommand.Fail fail ->
          answer
              .say(new ChatStreamEvent.StartStep())
              .openText(fail.tokens(), TOKENS_PER_SECOND, DemoAgent::number)
              .fail(new AgentFailure("The demo agent was asked to fail.", fail.retryable()));
      case DemoCommand.Hang hang ->
          answer
              .say(new ChatStreamEvent.StartStep())
              .openText(hang.tokens(), TOKENS_PER_SECOND, DemoAgent::number)
              .hang();
      case DemoCommand.SlowStart slow ->
          end(
              answer
                  .pause(Duration.ofMillis(slow.delayMs()))
                  .step(step -> step.text(SLOW_START_TOKENS, TOKENS_PER_SECOND, DemoAgent::number)),
              input);
      case DemoCommand.Big big ->
          end(answer.step(step -> step.text(1, 0, _ -> "x".repeat(big.bytes()))), input);
      case DemoCommand.Report report ->
          answer
              .step(step ->
                  line(
                      step,
                      "This answer reports %d input and %d output tokens."
                          .formatted(report.inputTokens(), report.outputTokens())))
              .finish(Usage.of(report.inputTokens(), report.outputTokens()), MODEL);
      case DemoCommand.Malformed malformed ->
          end(
              answer.step(step -> line(step, "The right form is `" + malformed.rightForm() + "`.")),
              input);
    };
  }

  private static Script end(Script.Writer answer, long inputTokens) {
    return answer.finish(answer.usage(inputTokens), MODEL);
  }

  /// A text part of these words at reading speed.
  private static Script.Writer line(Script.Writer answer, String text) {
    List<String> words = DemoText.words(text);
    return answer.text(words.size(), WORDS_PER_SECOND, words::get);
  }

  private static Script.Writer think(Script.Writer answer, int tokens) {
    return answer
        .say(new ChatStreamEvent.ReasoningStart(REASONING))
        .tokens(
            tokens,
            TOKENS_PER_SECOND,
            index -> new ChatStreamEvent.ReasoningDelta(REASONING, DemoText.thought(index)))
        .say(new ChatStreamEvent.ReasoningEnd(REASONING));
  }

  private static String thought(DemoCommand.Think think) {
    return "That took " + think.tokens() + " tokens of thought.";
  }

  private static Script.Writer call(Script.Writer answer, DemoCommand.Tool tool) {
    return answer
        .say(new ChatStreamEvent.ToolInputStart(CALL, tool.name()))
        .say(new ChatStreamEvent.ToolInputAvailable(CALL, tool.name(), tool.input()))
        .say(new ChatStreamEvent.ToolOutputAvailable(CALL, tool.input(), false));
  }

  private static String number(int index) {
    return (index + 1) + " ";
  }
}
