package dev.parley.content;

import dev.parley.content.ChatStreamEvent.Content;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/// Anything an agent may say, sensible or not: few ids, so that events meet.
public final class Contents {
  private Contents() {}

  public static Arbitrary<Content> any() {
    Arbitrary<String> id = Arbitraries.of("1", "2");
    Arbitrary<String> text = Arbitraries.of("", "a", "bc", "é", "😀x", "longer text ");
    Arbitrary<JsonText> json = Arbitraries.of("{}", "[1]", "\"x\"").map(JsonText::new);
    return Arbitraries.oneOf(
        id.map(ChatStreamEvent.TextStart::new),
        delta(id, text),
        delta(id, text),
        id.map(ChatStreamEvent.TextEnd::new),
        id.map(ChatStreamEvent.ReasoningStart::new),
        id.map(ChatStreamEvent.ReasoningEnd::new),
        id.map(i -> new ChatStreamEvent.ToolInputStart(i, "tool")),
        Combinators.combine(id, json)
            .as((i, j) -> new ChatStreamEvent.ToolInputAvailable(i, "tool", j)),
        Combinators.combine(id, json, text)
            .as((i, j, t) -> new ChatStreamEvent.ToolInputError(i, "tool", j, t)),
        Combinators.combine(id, json, Arbitraries.of(true, false))
            .as(ChatStreamEvent.ToolOutputAvailable::new),
        Combinators.combine(id, text).as(ChatStreamEvent.ToolOutputError::new),
        id.map(ChatStreamEvent.ToolOutputDenied::new),
        id.map(i -> new ChatStreamEvent.ToolApprovalRequest(i, i, "tool")),
        Combinators.combine(id, Arbitraries.of(true, false), text.injectNull(0.5))
            .as(ChatStreamEvent.ToolApprovalResponse::new),
        id.map(i -> new ChatStreamEvent.SourceUrl(i, "https://example.org", null)),
        id.map(i -> new ChatStreamEvent.SourceDocument(i, "text/plain", "title")),
        id.map(i -> new ChatStreamEvent.File("https://example.org/" + i, "image/png")),
        Combinators.combine(id.injectNull(0.3), json, Arbitraries.of(true, false))
            .as((i, j, passing) -> new ChatStreamEvent.Data("chart", i, j, passing)),
        Arbitraries.of(new ChatStreamEvent.StartStep(), new ChatStreamEvent.FinishStep()),
        json.map(ChatStreamEvent.MessageMetadata::new));
  }

  private static Arbitrary<Content> delta(Arbitrary<String> id, Arbitrary<String> text) {
    return Arbitraries.oneOf(
        Combinators.combine(id, text).as(ChatStreamEvent.TextDelta::new),
        Combinators.combine(id, text).as(ChatStreamEvent.ReasoningDelta::new),
        Combinators.combine(id, text).as(ChatStreamEvent.ToolInputDelta::new));
  }
}
