package dev.parley.actor;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.Delta;
import dev.parley.content.Utf8;
import dev.parley.store.json.CanonicalJson;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// What an agent says in the form in which it is stored: adjacent deltas of one part joined, large
/// ones split, JSON canonical, text well-formed.
final class Joins {
  private Joins() {}

  /// Takes everything out of the buffer.
  static void join(Deque<Content> buffer, AgentRun.Settings settings, List<Content> said) {
    List<Content> pieces = new ArrayList<>();
    StringBuilder run = new StringBuilder();
    long bytes = 0;
    Delta open = null;
    for (Content next = buffer.poll(); next != null; next = buffer.poll()) {
      long more = next instanceof Delta delta ? Utf8.length(delta.text()) : 0;
      boolean joins =
          next instanceof Delta delta
              && open != null
              && open.joins(delta)
              && (bytes + more <= settings.joinedBytesMax() || endsInHalf(run));
      if (open != null && !joins) {
        split(open, run.toString(), settings.frameBytesMax(), pieces);
        open = null;
      }
      if (next instanceof Delta delta) {
        if (open == null) {
          open = delta;
          run.setLength(0);
          bytes = 0;
        }
        run.append(delta.text());
        bytes += more;
      } else {
        pieces.add(next);
      }
    }
    if (open != null) {
      split(open, run.toString(), settings.frameBytesMax(), pieces);
    }
    said.addAll(pieces);
  }

  private static void split(Delta delta, String text, int frameBytesMax, List<Content> pieces) {
    for (int from = 0; from < text.length(); ) {
      int to = Utf8.cut(text, from, frameBytesMax);
      pieces.add(delta.withText(text.substring(from, to)));
      from = to;
    }
  }

  /// Whether the second half of a character is still to come.
  static boolean endsInHalf(CharSequence text) {
    return !text.isEmpty() && Character.isHighSurrogate(text.charAt(text.length() - 1));
  }

  static Content wellFormed(Content content) {
    return content instanceof Delta delta ? delta.withText(Utf8.wellFormed(delta.text())) : content;
  }

  /// What was said in the form in which it is stored. Deltas are looked at once they are joined:
  /// the halves of a character may come in two.
  static Content storable(Content content) {
    return switch (content) {
      case ChatStreamEvent.ToolInputAvailable tool ->
          new ChatStreamEvent.ToolInputAvailable(
              tool.toolCallId(), tool.toolName(), CanonicalJson.of(tool.input().text()));
      case ChatStreamEvent.ToolInputError tool ->
          new ChatStreamEvent.ToolInputError(
              tool.toolCallId(),
              tool.toolName(),
              CanonicalJson.of(tool.input().text()),
              tool.errorText());
      case ChatStreamEvent.ToolOutputAvailable tool ->
          new ChatStreamEvent.ToolOutputAvailable(
              tool.toolCallId(), CanonicalJson.of(tool.output().text()), tool.preliminary());
      case ChatStreamEvent.Data data ->
          new ChatStreamEvent.Data(
              data.name(), data.id(), CanonicalJson.of(data.data().text()), data.passing());
      case ChatStreamEvent.MessageMetadata metadata ->
          new ChatStreamEvent.MessageMetadata(CanonicalJson.of(metadata.messageMetadata().text()));
      default -> content;
    };
  }
}
