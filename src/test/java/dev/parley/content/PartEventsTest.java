package dev.parley.content;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.MessagePart.ToolState;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PartEventsTest {
  private static final JsonText INPUT = new JsonText("{\"city\":\"Rome\"}");

  @Test
  void addUpToThePartsTheyWereMadeOf() {
    List<MessagePart> parts =
        List.of(
            new MessagePart.StepStart(),
            new MessagePart.Reasoning("hm"),
            new MessagePart.Text("one"),
            new MessagePart.Text("two"),
            new MessagePart.StepStart(),
            tool("c1", ToolState.INPUT_STREAMING, null, "{\"ci", null, null),
            tool("c2", ToolState.INPUT_AVAILABLE, INPUT, null, null, null),
            tool("c3", ToolState.OUTPUT_AVAILABLE, INPUT, null, new JsonText("[1]"), null),
            tool("c4", ToolState.OUTPUT_ERROR, INPUT, null, null, "no such city"),
            tool("c5", ToolState.OUTPUT_DENIED, INPUT, null, null, null),
            new MessagePart.File("https://example.org/a.png", "image/png"),
            new MessagePart.SourceUrl("s1", "https://example.org", "a page"),
            new MessagePart.SourceDocument("s2", "text/plain", "a text"),
            new MessagePart.Data("weather", "d1", new JsonText("7")));
    TurnOutput said = TurnOutput.EMPTY;
    for (Content event : PartEvents.of(parts)) {
      said = said.append(event);
    }
    assertThat(said.parts()).isEqualTo(parts);
    assertThat(said.missingEnds()).isEmpty();
  }

  @Test
  void finishEveryStepThatTheyStart() {
    assertThat(PartEvents.of(List.of(new MessagePart.StepStart(), new MessagePart.StepStart())))
        .containsExactly(
            new ChatStreamEvent.StartStep(),
            new ChatStreamEvent.FinishStep(),
            new ChatStreamEvent.StartStep(),
            new ChatStreamEvent.FinishStep());
  }

  private static MessagePart.Tool tool(
      String id,
      ToolState state,
      @Nullable JsonText input,
      @Nullable String inputText,
      @Nullable JsonText output,
      @Nullable String errorText) {
    return new MessagePart.Tool(id, "weather", state, input, inputText, output, errorText);
  }
}
