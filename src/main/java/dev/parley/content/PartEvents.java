package dev.parley.content;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.MessagePart.ToolState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The way back from a finished message to events that add up to it: what is told of an answer
/// whose own events are no longer kept. The ids of its texts are new ones.
public final class PartEvents {
  private static final JsonText NO_INPUT = new JsonText("null");

  private final List<Content> events = new ArrayList<>();
  private boolean inStep;
  private int count;

  private PartEvents() {}

  /// The events, in order; [TurnOutput#parts] of them are these parts again.
  public static List<Content> of(List<MessagePart> parts) {
    PartEvents told = new PartEvents();
    parts.forEach(told::add);
    told.finishStep();
    return told.events;
  }

  private void add(MessagePart part) {
    switch (part) {
      case MessagePart.Text text -> {
        String id = "text-" + ++count;
        events.add(new ChatStreamEvent.TextStart(id));
        events.add(new ChatStreamEvent.TextDelta(id, text.text()));
        events.add(new ChatStreamEvent.TextEnd(id));
      }
      case MessagePart.Reasoning reasoning -> {
        String id = "reasoning-" + ++count;
        events.add(new ChatStreamEvent.ReasoningStart(id));
        events.add(new ChatStreamEvent.ReasoningDelta(id, reasoning.text()));
        events.add(new ChatStreamEvent.ReasoningEnd(id));
      }
      case MessagePart.Tool tool -> add(tool);
      case MessagePart.File file ->
          events.add(new ChatStreamEvent.File(file.url(), file.mediaType()));
      case MessagePart.SourceUrl source ->
          events.add(
              new ChatStreamEvent.SourceUrl(source.sourceId(), source.url(), source.title()));
      case MessagePart.SourceDocument source ->
          events.add(
              new ChatStreamEvent.SourceDocument(
                  source.sourceId(), source.mediaType(), source.title()));
      case MessagePart.Data data ->
          events.add(new ChatStreamEvent.Data(data.name(), data.id(), data.data(), false));
      case MessagePart.StepStart _ -> {
        finishStep();
        inStep = true;
        events.add(new ChatStreamEvent.StartStep());
      }
    }
  }

  private void add(MessagePart.Tool tool) {
    String id = tool.toolCallId();
    if (tool.state() == ToolState.INPUT_STREAMING) {
      events.add(new ChatStreamEvent.ToolInputStart(id, tool.toolName()));
      if (tool.inputText() != null) {
        events.add(new ChatStreamEvent.ToolInputDelta(id, tool.inputText()));
      }
      return;
    }
    events.add(new ChatStreamEvent.ToolInputAvailable(id, tool.toolName(), json(tool.input())));
    switch (tool.state()) {
      case INPUT_STREAMING, INPUT_AVAILABLE -> {}
      case OUTPUT_AVAILABLE ->
          events.add(new ChatStreamEvent.ToolOutputAvailable(id, json(tool.output()), false));
      case OUTPUT_ERROR ->
          events.add(
              new ChatStreamEvent.ToolOutputError(
                  id, Objects.requireNonNullElse(tool.errorText(), "")));
      case OUTPUT_DENIED -> events.add(new ChatStreamEvent.ToolOutputDenied(id));
    }
  }

  private static JsonText json(@Nullable JsonText known) {
    return known == null ? NO_INPUT : known;
  }

  private void finishStep() {
    if (inStep) {
      inStep = false;
      events.add(new ChatStreamEvent.FinishStep());
    }
  }
}
