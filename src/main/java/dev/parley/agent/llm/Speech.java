package dev.parley.agent.llm;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.ReasoningDelta;
import dev.parley.content.ChatStreamEvent.ReasoningEnd;
import dev.parley.content.ChatStreamEvent.ReasoningStart;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.ChatStreamEvent.TextEnd;
import dev.parley.content.ChatStreamEvent.TextStart;
import dev.parley.content.ChatStreamEvent.ToolInputAvailable;
import dev.parley.content.ChatStreamEvent.ToolInputDelta;
import dev.parley.content.ChatStreamEvent.ToolInputStart;
import dev.parley.content.JsonText;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Makes parts of what a model streams: providers say words, and which kind they are of, and Parley
/// says where a part begins and ends.
final class Speech {
  private static final String NO_INPUT = "{}";

  private final Consumer<Content> said;
  private final Set<String> calls = new HashSet<>();
  private int parts;
  private int nameless;
  private Kind kind = Kind.NONE;
  private String part = "";

  private enum Kind {
    NONE,
    TEXT,
    REASONING
  }

  /// @param said takes each event, in order
  Speech(Consumer<Content> said) {
    this.said = said;
  }

  void text(String words) {
    if (kind != Kind.TEXT) {
      endPart();
      kind = Kind.TEXT;
      part = "t" + parts++;
      said.accept(new TextStart(part));
    }
    said.accept(new TextDelta(part, words));
  }

  void reasoning(String words) {
    if (kind != Kind.REASONING) {
      endPart();
      kind = Kind.REASONING;
      part = "r" + parts++;
      said.accept(new ReasoningStart(part));
    }
    said.accept(new ReasoningDelta(part, words));
  }

  void toolInput(PartialToolCall piece) {
    String id = idOf(piece.id());
    begin(id, piece.name());
    said.accept(new ToolInputDelta(id, piece.partialArguments()));
  }

  /// @return the call, under the id that clients know it by
  ToolExecutionRequest toolCall(CompleteToolCall whole) {
    ToolExecutionRequest request = whole.toolExecutionRequest();
    String id = idOf(request.id());
    begin(id, request.name());
    String input =
        request.arguments() == null || request.arguments().isBlank()
            ? NO_INPUT
            : request.arguments();
    said.accept(new ToolInputAvailable(id, request.name(), new JsonText(input)));
    nameless++;
    return request.toBuilder().id(id).arguments(input).build();
  }

  /// Ends the part that is open, if one is.
  void endPart() {
    switch (kind) {
      case TEXT -> said.accept(new TextEnd(part));
      case REASONING -> said.accept(new ReasoningEnd(part));
      case NONE -> {}
    }
    kind = Kind.NONE;
  }

  private void begin(String id, @Nullable String name) {
    if (calls.add(id)) {
      endPart();
      said.accept(new ToolInputStart(id, Objects.requireNonNullElse(name, "")));
    }
  }

  /// Some providers do not name calls; one is over before the next begins.
  private String idOf(@Nullable String id) {
    return id == null || id.isEmpty() ? "call" + nameless : id;
  }
}
