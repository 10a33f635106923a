package dev.parley.content;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.Delta;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All that an agent has said in one turn, with adjacent deltas of one part joined.
///
/// Immutable: [#append] gives a longer output and leaves this one as it was, so a draft can be
/// thrown away when its commit fails. Appending costs the size of what is appended.
public final class TurnOutput {
  public static final TurnOutput EMPTY = new TurnOutput(null, null, null, 0, 0);

  /// What an event that is not joined to its predecessor weighs beside its text: the memory it
  /// holds, so that many tiny events are bounded as well as few large ones.
  private static final int EVENT_BYTES = 48;

  private final @Nullable TurnOutput before;
  private final @Nullable Content event;
  private final @Nullable Rope run;
  private final long bytes;
  private final int size;

  private TurnOutput(
      @Nullable TurnOutput before,
      @Nullable Content event,
      @Nullable Rope run,
      long bytes,
      int size) {
    this.before = before;
    this.event = event;
    this.run = run;
    this.bytes = bytes;
    this.size = size;
  }

  /// This output and one more event.
  public TurnOutput append(Content next) {
    long more = bytes + weight(next);
    if (next instanceof Delta delta) {
      if (event instanceof Delta last && run != null && last.joins(delta)) {
        return new TurnOutput(before, event, run.append(delta.text()), more, size);
      }
      return new TurnOutput(this, next, Rope.of(delta.text()), more + EVENT_BYTES, size + 1);
    }
    return new TurnOutput(this, next, null, more + EVENT_BYTES, size + 1);
  }

  public boolean isEmpty() {
    return size == 0;
  }

  /// UTF-8 bytes of everything said, with an allowance per event; what a turn's limit counts.
  public long bytes() {
    return bytes;
  }

  /// The events in order, deltas joined.
  public List<Content> events() {
    List<Content> events = new ArrayList<>(size);
    for (TurnOutput at = this; at != null && at.event != null; at = at.before) {
      events.add(at.run == null ? at.event : ((Delta) at.event).withText(at.run.toString()));
    }
    Collections.reverse(events);
    return events;
  }

  /// What makes a cut-short answer a well-formed one: the ends of the text and reasoning parts that
  /// were started and not ended, and a refusal for each tool call that still waited for approval.
  public List<Content> missingEnds() {
    SequencedSet<Content> open = new LinkedHashSet<>();
    for (Content said : events()) {
      switch (said) {
        case ChatStreamEvent.TextStart start -> open.add(new ChatStreamEvent.TextEnd(start.id()));
        case ChatStreamEvent.ReasoningStart start ->
            open.add(new ChatStreamEvent.ReasoningEnd(start.id()));
        case ChatStreamEvent.TextEnd end -> open.remove(end);
        case ChatStreamEvent.ReasoningEnd end -> open.remove(end);
        default -> {}
      }
    }
    List<Content> ends = new ArrayList<>(open);
    openApprovals()
        .forEach(request -> {
          ends.add(new ChatStreamEvent.ToolApprovalResponse(request.approvalId(), false, null));
          ends.add(new ChatStreamEvent.ToolOutputDenied(request.toolCallId()));
        });
    return List.copyOf(ends);
  }

  /// The requests for approval that nobody has answered, in order.
  public List<ChatStreamEvent.ToolApprovalRequest> openApprovals() {
    List<ChatStreamEvent.ToolApprovalRequest> open = new ArrayList<>();
    Set<String> settled = new HashSet<>();
    for (TurnOutput at = this; at != null; at = at.before) {
      if (at.event instanceof ChatStreamEvent.ToolApprovalResponse answer) {
        settled.add(answer.approvalId());
      } else if (at.event instanceof ChatStreamEvent.ToolApprovalRequest request
          && settled.add(request.approvalId())) {
        open.add(request);
      }
    }
    Collections.reverse(open);
    return open;
  }

  /// The answer to a request for approval; absent: it has none.
  public ChatStreamEvent.@Nullable ToolApprovalResponse approval(String approvalId) {
    for (TurnOutput at = this; at != null; at = at.before) {
      if (at.event instanceof ChatStreamEvent.ToolApprovalResponse answer
          && answer.approvalId().equals(approvalId)) {
        return answer;
      }
    }
    return null;
  }

  /// The message these events add up to.
  public List<MessagePart> parts() {
    PartsBuilder parts = new PartsBuilder();
    events().forEach(parts::add);
    return parts.build();
  }

  /// UTF-8 bytes of what an event says, as [#bytes] counts them.
  public static long weight(Content content) {
    return switch (content) {
      case Delta delta -> Utf8.length(delta.text());
      case ChatStreamEvent.ToolInputAvailable tool -> Utf8.length(tool.input().text());
      case ChatStreamEvent.ToolInputError tool ->
          Utf8.length(tool.input().text()) + Utf8.length(tool.errorText());
      case ChatStreamEvent.ToolOutputAvailable tool -> Utf8.length(tool.output().text());
      case ChatStreamEvent.ToolOutputError tool -> Utf8.length(tool.errorText());
      case ChatStreamEvent.Data data -> Utf8.length(data.data().text());
      case ChatStreamEvent.MessageMetadata metadata ->
          Utf8.length(metadata.messageMetadata().text());
      case ChatStreamEvent.File file -> Utf8.length(file.url());
      case ChatStreamEvent.SourceUrl source ->
          Utf8.length(source.url()) + (source.title() == null ? 0 : Utf8.length(source.title()));
      case ChatStreamEvent.SourceDocument source -> Utf8.length(source.title());
      case ChatStreamEvent.TextStart _ -> 0;
      case ChatStreamEvent.TextEnd _ -> 0;
      case ChatStreamEvent.ReasoningStart _ -> 0;
      case ChatStreamEvent.ReasoningEnd _ -> 0;
      case ChatStreamEvent.ToolInputStart _ -> 0;
      case ChatStreamEvent.ToolOutputDenied _ -> 0;
      case ChatStreamEvent.ToolApprovalRequest _ -> 0;
      case ChatStreamEvent.ToolApprovalResponse answer ->
          answer.reason() == null ? 0 : Utf8.length(answer.reason());
      case ChatStreamEvent.StartStep _ -> 0;
      case ChatStreamEvent.FinishStep _ -> 0;
    };
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TurnOutput that && events().equals(that.events());
  }

  @Override
  public int hashCode() {
    return events().hashCode();
  }

  @Override
  public String toString() {
    return "TurnOutput[" + size + " events, " + bytes + " bytes]";
  }
}
