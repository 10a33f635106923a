package dev.parley.content;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.Data;
import dev.parley.content.ChatStreamEvent.FinishStep;
import dev.parley.content.ChatStreamEvent.ReasoningDelta;
import dev.parley.content.ChatStreamEvent.ReasoningEnd;
import dev.parley.content.ChatStreamEvent.ReasoningStart;
import dev.parley.content.ChatStreamEvent.StartStep;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.ChatStreamEvent.TextEnd;
import dev.parley.content.ChatStreamEvent.TextStart;
import dev.parley.content.ChatStreamEvent.ToolInputAvailable;
import dev.parley.content.ChatStreamEvent.ToolInputDelta;
import dev.parley.content.ChatStreamEvent.ToolInputError;
import dev.parley.content.ChatStreamEvent.ToolInputStart;
import dev.parley.content.ChatStreamEvent.ToolOutputAvailable;
import dev.parley.content.ChatStreamEvent.ToolOutputDenied;
import dev.parley.content.ChatStreamEvent.ToolOutputError;
import dev.parley.content.MessagePart.ToolState;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PartsBuilderTest {
  private static final JsonText INPUT = new JsonText("{\"q\":1}");
  private static final JsonText OUTPUT = new JsonText("[2]");

  @Test
  void addsDeltasUpToTheirPart() {
    assertThat(
            parts(
                new TextStart("t"),
                new TextDelta("t", "Hello "),
                new TextDelta("t", "there"),
                new TextEnd("t")))
        .containsExactly(new MessagePart.Text("Hello there"));
  }

  @Test
  void keepsInterleavedPartsApartInTheOrderOfTheirStarts() {
    assertThat(
            parts(
                new ReasoningStart("x"),
                new TextStart("x"),
                new TextDelta("x", "a"),
                new ReasoningDelta("x", "1"),
                new TextDelta("x", "b"),
                new ReasoningDelta("x", "2"),
                new ReasoningEnd("x"),
                new TextEnd("x")))
        .containsExactly(new MessagePart.Reasoning("12"), new MessagePart.Text("ab"));
  }

  @Test
  void beginsANewPartWhenAnIdIsStartedAgain() {
    assertThat(
            parts(
                new TextStart("t"),
                new TextDelta("t", "a"),
                new TextEnd("t"),
                new TextStart("t"),
                new TextDelta("t", "b")))
        .containsExactly(new MessagePart.Text("a"), new MessagePart.Text("b"));
  }

  @Test
  void keepsDeltasThatNobodyStarted() {
    assertThat(parts(new TextDelta("t", "a"), new ReasoningDelta("r", "b")))
        .containsExactly(new MessagePart.Text("a"), new MessagePart.Reasoning("b"));
  }

  @Test
  void followsAToolCallToItsOutput() {
    assertThat(
            parts(
                new ToolInputStart("c", "look"),
                new ToolInputDelta("c", "{\"q\""),
                new ToolInputDelta("c", ":1}"),
                new ToolInputAvailable("c", "look", INPUT),
                new ToolOutputAvailable("c", new JsonText("[1]"), true),
                new ToolOutputAvailable("c", OUTPUT, false)))
        .containsExactly(tool(ToolState.OUTPUT_AVAILABLE, INPUT, null, OUTPUT, null));
  }

  @Test
  void keepsAToolCallAsFarAsItCame() {
    assertThat(parts(new ToolInputStart("c", "look"), new ToolInputDelta("c", "{\"q")))
        .containsExactly(tool(ToolState.INPUT_STREAMING, null, "{\"q", null, null));
    assertThat(parts(new ToolInputStart("c", "look"), new ToolInputAvailable("c", "look", INPUT)))
        .containsExactly(tool(ToolState.INPUT_AVAILABLE, INPUT, null, null, null));
  }

  @Test
  void keepsHowAToolCallFailed() {
    assertThat(parts(new ToolInputError("c", "look", INPUT, "no such field")))
        .containsExactly(tool(ToolState.OUTPUT_ERROR, INPUT, null, null, "no such field"));
    assertThat(
            parts(
                new ToolInputAvailable("c", "look", INPUT), new ToolOutputError("c", "timed out")))
        .containsExactly(tool(ToolState.OUTPUT_ERROR, INPUT, null, null, "timed out"));
    assertThat(parts(new ToolInputAvailable("c", "look", INPUT), new ToolOutputDenied("c")))
        .containsExactly(tool(ToolState.OUTPUT_DENIED, INPUT, null, null, null));
  }

  @Test
  void leavesAToolCallWhereItBegan() {
    assertThat(
            parts(
                new ToolInputStart("c", "look"),
                new TextDelta("t", "meanwhile"),
                new ToolInputAvailable("c", "look", INPUT)))
        .containsExactly(
            tool(ToolState.INPUT_AVAILABLE, INPUT, null, null, null),
            new MessagePart.Text("meanwhile"));
  }

  @Test
  void replacesDataOfTheSameNameAndIdInItsPlace() {
    assertThat(
            parts(
                new Data("chart", "1", INPUT, false),
                new Data("chart", "2", INPUT, false),
                new Data("table", "1", INPUT, false),
                new Data("chart", "1", OUTPUT, false)))
        .containsExactly(
            new MessagePart.Data("chart", "1", OUTPUT),
            new MessagePart.Data("chart", "2", INPUT),
            new MessagePart.Data("table", "1", INPUT));
  }

  @Test
  void addsDataWithoutAnIdEachTime() {
    assertThat(parts(new Data("chart", null, INPUT, false), new Data("chart", null, OUTPUT, false)))
        .containsExactly(
            new MessagePart.Data("chart", null, INPUT),
            new MessagePart.Data("chart", null, OUTPUT));
  }

  @Test
  void keepsNoDataThatOnlyPasses() {
    assertThat(parts(new Data("chart", "1", INPUT, false), new Data("chart", "1", OUTPUT, true)))
        .containsExactly(new MessagePart.Data("chart", "1", INPUT));
  }

  @Test
  void keepsStepsSourcesAndFiles() {
    assertThat(
            parts(
                new StartStep(),
                new ChatStreamEvent.SourceUrl("s", "https://example.org", "Example"),
                new ChatStreamEvent.SourceDocument("d", "text/plain", "Notes"),
                new ChatStreamEvent.File("https://example.org/f", "image/png"),
                new FinishStep(),
                new ChatStreamEvent.MessageMetadata(INPUT)))
        .containsExactly(
            new MessagePart.StepStart(),
            new MessagePart.SourceUrl("s", "https://example.org", "Example"),
            new MessagePart.SourceDocument("d", "text/plain", "Notes"),
            new MessagePart.File("https://example.org/f", "image/png"));
  }

  private static List<MessagePart> parts(Content... contents) {
    PartsBuilder builder = new PartsBuilder();
    for (Content content : contents) {
      builder.add(content);
    }
    return builder.build();
  }

  private static MessagePart.Tool tool(
      ToolState state,
      @Nullable JsonText input,
      @Nullable String inputText,
      @Nullable JsonText output,
      @Nullable String errorText) {
    return new MessagePart.Tool("c", "look", state, input, inputText, output, errorText);
  }
}
