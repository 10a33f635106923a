package dev.parley.agent.llm;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.parley.agent.ToolName;
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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Makes parts of what a model streams: providers say words, and which kind they are of, and Parley
/// says where a part begins and ends. One for all answers of a turn, so that ids are its own.
public final class Speech {
  private static final String NOT_READABLE = "the input of this call is not a JSON object";
  private static final String NOT_WHOLE = "the input of this call was not said to its end";
  private static final String NO_TOOLS_NAME = "no tool can have the name of this call";

  /// For calls of what no tool can be called: providers would not take their own words back.
  private static final String UNKNOWN = "unknown";

  /// Longer ones are no ids: those of providers have some forty.
  private static final int ID_CHARS_MAX = 256;

  private final Consumer<Content> said;
  private final Sources sources;

  /// The ids of this turn's calls.
  private final Set<String> calls = new HashSet<>();

  /// The calls of the answer that streams whose input is not whole, by the provider's ids.
  private final SequencedMap<String, Building> building = new LinkedHashMap<>();

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

  /// A call whose input is not whole.
  ///
  /// @param id that clients know it by
  /// @param named whether a tool can have its name
  /// @param input as far as it was said in pieces
  private record Building(String id, String name, boolean named, StringBuilder input) {}

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
    building.clear();
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
    Building call = begin(theirs(piece.id()), piece.name());
    call.input.append(piece.partialArguments());
    said.accept(new ToolInputDelta(call.id, piece.partialArguments()));
  }

  /// @return the call, under the id that clients know it by
  ToolCall toolCall(CompleteToolCall whole) {
    ToolExecutionRequest request = whole.toolExecutionRequest();
    String theirs = theirs(request.id());
    Building call = begin(theirs, request.name());
    // it is over: what comes under the same id is another call, and clients have to know them apart
    building.remove(theirs);
    nameless++;
    String input =
        request.arguments() == null || request.arguments().isBlank()
            ? JsonWords.NOTHING
            : request.arguments();
    if (!call.named) {
      return failed(call, input, NO_TOOLS_NAME);
    }
    if (!JsonWords.isObject(input)) {
      return failed(call, input, NOT_READABLE);
    }
    said.accept(new ToolInputAvailable(call.id, call.name, new JsonText(input)));
    return ToolCall.fresh(request(call, input));
  }

  /// @return the calls that the answer has begun and not ended, though it has come to its own end
  List<ToolCall> cutCalls() {
    List<ToolCall> cut =
        building.values().stream()
            .map(call -> failed(call, call.input.toString(), NOT_WHOLE))
            .toList();
    building.clear();
    return cut;
  }

  /// A call that cannot be made, as its model is told in the next step.
  private ToolCall failed(Building call, String input, String why) {
    said.accept(new ToolInputError(call.id, call.name, JsonWords.string(input), why));
    return new ToolCall(request(call, JsonWords.NOTHING), new Progress.Over(why, true));
  }

  private static ToolExecutionRequest request(Building call, String input) {
    return ToolExecutionRequest.builder().id(call.id).name(call.name).arguments(input).build();
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

  private Building begin(String theirs, @Nullable String name) {
    @Nullable Building known = building.get(theirs);
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
    String given = Objects.requireNonNullElse(name, "");
    boolean named = ToolName.isUsable(given);
    Building call = new Building(id, named ? given : UNKNOWN, named, new StringBuilder());
    building.put(theirs, call);
    endPart();
    said.accept(new ToolInputStart(id, call.name));
    return call;
  }
}
