package dev.parley.content;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.MessagePart.ToolState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Adds up the events of one answer to the parts of its message. A part stands where it began.
final class PartsBuilder {
  /// A part and the id of the text, reasoning or tool call it belongs to.
  private record Entry(String kind, @Nullable String id, MessagePart part) {}

  private final List<Entry> entries = new ArrayList<>();

  void add(Content content) {
    switch (content) {
      case ChatStreamEvent.TextStart start -> open("text", start.id(), new MessagePart.Text(""));
      case ChatStreamEvent.TextDelta delta -> text(delta);
      case ChatStreamEvent.TextEnd _ -> {}
      case ChatStreamEvent.ReasoningStart start ->
          open("reasoning", start.id(), new MessagePart.Reasoning(""));
      case ChatStreamEvent.ReasoningDelta delta -> reasoning(delta);
      case ChatStreamEvent.ReasoningEnd _ -> {}
      case ChatStreamEvent.ToolInputStart start ->
          open("tool", start.toolCallId(), call(start.toolCallId(), start.toolName()));
      case ChatStreamEvent.ToolInputDelta delta -> {
        MessagePart.Tool call = tool(delta.toolCallId(), "");
        put(
            new MessagePart.Tool(
                call.toolCallId(),
                call.toolName(),
                call.state(),
                call.input(),
                Objects.requireNonNullElse(call.inputText(), "") + delta.inputTextDelta(),
                call.output(),
                call.errorText()));
      }
      case ChatStreamEvent.ToolInputAvailable ready -> {
        tool(ready.toolCallId(), ready.toolName());
        put(
            ready.toolCallId(),
            ready.toolName(),
            ToolState.INPUT_AVAILABLE,
            ready.input(),
            null,
            null);
      }
      case ChatStreamEvent.ToolInputError failed -> {
        tool(failed.toolCallId(), failed.toolName());
        put(
            failed.toolCallId(),
            failed.toolName(),
            ToolState.OUTPUT_ERROR,
            failed.input(),
            null,
            failed.errorText());
      }
      case ChatStreamEvent.ToolOutputAvailable out -> {
        MessagePart.Tool call = tool(out.toolCallId(), "");
        put(
            call.toolCallId(),
            call.toolName(),
            ToolState.OUTPUT_AVAILABLE,
            call.input(),
            out.output(),
            null);
      }
      case ChatStreamEvent.ToolOutputError failed -> {
        MessagePart.Tool call = tool(failed.toolCallId(), "");
        put(
            call.toolCallId(),
            call.toolName(),
            ToolState.OUTPUT_ERROR,
            call.input(),
            null,
            failed.errorText());
      }
      case ChatStreamEvent.ToolOutputDenied denied -> {
        MessagePart.Tool call = tool(denied.toolCallId(), "");
        put(call.toolCallId(), call.toolName(), ToolState.OUTPUT_DENIED, call.input(), null, null);
      }
      case ChatStreamEvent.ToolApprovalRequest _ -> {}
      case ChatStreamEvent.ToolApprovalResponse _ -> {}
      case ChatStreamEvent.SourceUrl source ->
          open(
              "source",
              null,
              new MessagePart.SourceUrl(source.sourceId(), source.url(), source.title()));
      case ChatStreamEvent.SourceDocument source ->
          open(
              "source",
              null,
              new MessagePart.SourceDocument(
                  source.sourceId(), source.mediaType(), source.title()));
      case ChatStreamEvent.File file ->
          open("file", null, new MessagePart.File(file.url(), file.mediaType()));
      case ChatStreamEvent.Data data -> data(data);
      case ChatStreamEvent.StartStep _ -> open("step", null, new MessagePart.StepStart());
      case ChatStreamEvent.FinishStep _ -> {}
      case ChatStreamEvent.MessageMetadata _ -> {}
    }
  }

  List<MessagePart> build() {
    return entries.stream().map(Entry::part).toList();
  }

  private void text(ChatStreamEvent.TextDelta delta) {
    int at = find("text", delta.id());
    if (at < 0) {
      open("text", delta.id(), new MessagePart.Text(delta.delta()));
    } else if (entries.get(at).part() instanceof MessagePart.Text part) {
      set(at, new MessagePart.Text(part.text() + delta.delta()));
    }
  }

  private void reasoning(ChatStreamEvent.ReasoningDelta delta) {
    int at = find("reasoning", delta.id());
    if (at < 0) {
      open("reasoning", delta.id(), new MessagePart.Reasoning(delta.delta()));
    } else if (entries.get(at).part() instanceof MessagePart.Reasoning part) {
      set(at, new MessagePart.Reasoning(part.text() + delta.delta()));
    }
  }

  private void data(ChatStreamEvent.Data data) {
    if (data.passing()) {
      return;
    }
    String kind = "data-" + data.name();
    MessagePart part = new MessagePart.Data(data.name(), data.id(), data.data());
    int at = data.id() == null ? -1 : find(kind, data.id());
    if (at < 0) {
      open(kind, data.id(), part);
    } else {
      set(at, part);
    }
  }

  /// The call of that id; an agent that skips the start of a call gets one all the same.
  private MessagePart.Tool tool(String id, String name) {
    int at = find("tool", id);
    if (at >= 0 && entries.get(at).part() instanceof MessagePart.Tool call) {
      return call;
    }
    MessagePart.Tool call = call(id, name);
    open("tool", id, call);
    return call;
  }

  private static MessagePart.Tool call(String id, String name) {
    return new MessagePart.Tool(id, name, ToolState.INPUT_STREAMING, null, null, null, null);
  }

  private void put(
      String id,
      String name,
      ToolState state,
      @Nullable JsonText input,
      @Nullable JsonText output,
      @Nullable String errorText) {
    put(new MessagePart.Tool(id, name, state, input, null, output, errorText));
  }

  private void put(MessagePart.Tool call) {
    set(find("tool", call.toolCallId()), call);
  }

  private void open(String kind, @Nullable String id, MessagePart part) {
    entries.add(new Entry(kind, id, part));
  }

  private void set(int at, MessagePart part) {
    Entry entry = entries.get(at);
    entries.set(at, new Entry(entry.kind(), entry.id(), part));
  }

  private int find(String kind, String id) {
    for (int i = entries.size() - 1; i >= 0; i--) {
      Entry entry = entries.get(i);
      if (entry.kind().equals(kind) && id.equals(entry.id())) {
        return i;
      }
    }
    return -1;
  }
}
