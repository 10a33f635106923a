package dev.parley.agent.llm;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.parley.agent.llm.ToolCall.Progress;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.ReasoningDelta;
import dev.parley.content.ChatStreamEvent.ReasoningEnd;
import dev.parley.content.ChatStreamEvent.ReasoningStart;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.ChatStreamEvent.TextEnd;
import dev.parley.content.ChatStreamEvent.TextStart;
import dev.parley.content.ChatStreamEvent.ToolInputAvailable;
import dev.parley.content.ChatStreamEvent.ToolInputDelta;
import dev.parley.content.ChatStreamEvent.ToolInputError;
import dev.parley.content.ChatStreamEvent.ToolInputStart;
import dev.parley.content.JsonText;
import dev.parley.content.Utf8;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Makes parts of what a model streams: providers say words, and which kind they are of, and Parley
/// says where a part begins and ends. One for all answers of a turn, so that ids are its own.
public final class Speech {
  private static final String NO_INPUT = "{}";
  private static final String NOT_READABLE = "the input of this call is not a JSON object";

  /// Longer ones are no ids: those of providers have some forty.
  private static final int ID_CHARS_MAX = 256;

  private final Consumer<Content> said;
  private final Sources sources;

  /// The ids of this turn's calls.
  private final Set<String> calls = new HashSet<>();

  /// The calls of the answer that streams: the provider's ids, and those that clients know.
  private final Map<String, String> streaming = new HashMap<>();

  private int parts;
  private int nameless;
  private Kind kind = Kind.NONE;
  private String part = "";

  /// Space that the turn has said already and that its model may say again.
  private String repeatable = "";

  private enum Kind {
    NONE,
    TEXT,
    REASONING
  }

  /// @param said takes each event, in order
  public Speech(Consumer<Content> said) {
    this.said = said;
    sources = new Sources(said);
  }

  /// Goes on after what a turn has said: in its open part, with other ids than it has used.
  public void goOnAfter(List<Content> events) {
    for (Content event : events) {
      switch (event) {
        case TextStart start -> open(Kind.TEXT, start.id());
        case ReasoningStart start -> open(Kind.REASONING, start.id());
        case TextEnd _, ReasoningEnd _ -> kind = Kind.NONE;
        case ToolInputStart start -> {
          boolean _ = calls.add(start.toolCallId());
          nameless++;
        }
        default -> sources.goOnAfter(event);
      }
    }
  }

  /// Another answer begins: what it calls its calls has nothing to do with the one before.
  ///
  /// @param repeatable space that the turn has said last: an answer that goes on after it may begin
  ///   with the same
  public void beginAnswer(String repeatable) {
    streaming.clear();
    this.repeatable = repeatable;
  }

  void text(String words) {
    String fresh = words.substring(repeated(words));
    if (fresh.isEmpty()) {
      return;
    }
    if (kind != Kind.TEXT) {
      endPart();
      open(Kind.TEXT, "t" + parts);
      said.accept(new TextStart(part));
    }
    said.accept(new TextDelta(part, fresh));
  }

  void reasoning(String words) {
    if (kind != Kind.REASONING) {
      endPart();
      open(Kind.REASONING, "r" + parts);
      said.accept(new ReasoningStart(part));
    }
    said.accept(new ReasoningDelta(part, words));
  }

  void toolInput(PartialToolCall piece) {
    String id = begin(theirs(piece.id()), piece.name());
    said.accept(new ToolInputDelta(id, piece.partialArguments()));
  }

  /// @return the call, under the id that clients know it by
  ToolCall toolCall(CompleteToolCall whole) {
    ToolExecutionRequest request = whole.toolExecutionRequest();
    String theirs = theirs(request.id());
    String id = begin(theirs, request.name());
    // it is over: what comes under the same id is another call, and clients have to know them apart
    streaming.remove(theirs);
    String input =
        request.arguments() == null || request.arguments().isBlank()
            ? NO_INPUT
            : request.arguments();
    nameless++;
    boolean readable = JsonWords.isObject(input);
    said.accept(
        readable
            ? new ToolInputAvailable(id, request.name(), new JsonText(input))
            : new ToolInputError(id, request.name(), JsonWords.string(input), NOT_READABLE));
    return new ToolCall(
        request.toBuilder().id(id).arguments(readable ? input : NO_INPUT).build(),
        readable ? new Progress.Fresh() : new Progress.Over(NOT_READABLE, true));
  }

  /// Sources that stand in an event, as the provider wrote it. They end no part.
  void sources(String data) {
    sources.read(data);
  }

  /// Ends the part that is open, if one is.
  public void endPart() {
    switch (kind) {
      case TEXT -> said.accept(new TextEnd(part));
      case REASONING -> said.accept(new ReasoningEnd(part));
      case NONE -> {}
    }
    kind = Kind.NONE;
  }

  private void open(Kind next, String id) {
    kind = next;
    part = id;
    parts++;
  }

  /// How many of these words the turn has said already.
  private int repeated(String words) {
    int same = 0;
    while (same < words.length()
        && same < repeatable.length()
        && words.charAt(same) == repeatable.charAt(same)) {
      same++;
    }
    repeatable = same == words.length() ? repeatable.substring(same) : "";
    return same;
  }

  /// Some providers do not name calls; one is over before the next begins.
  private String theirs(@Nullable String given) {
    return given == null || given.isEmpty() ? nameless() : given;
  }

  private String nameless() {
    return "call" + nameless;
  }

  private String begin(String theirs, @Nullable String name) {
    @Nullable String known = streaming.get(theirs);
    if (known != null) {
      return known;
    }
    // it stands in every piece of the call's input
    boolean usable = theirs.length() <= ID_CHARS_MAX && Utf8.isStorable(theirs);
    String wanted = usable ? theirs : nameless();
    String id = wanted;
    for (int i = 1; !calls.add(id); i++) {
      id = wanted + "_" + i;
    }
    streaming.put(theirs, id);
    endPart();
    said.accept(new ToolInputStart(id, Objects.requireNonNullElse(name, "")));
    return id;
  }
}
