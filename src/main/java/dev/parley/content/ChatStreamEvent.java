package dev.parley.content;

import org.jspecify.annotations.Nullable;

/// One step of an answer as it streams, named as in the AI SDK's UI message stream.
///
/// The session itself says when a message starts, finishes, aborts or fails ([Start], [Finish],
/// [Abort], [Error]); everything between is [Content] and comes from the agent.
public sealed interface ChatStreamEvent {

  /// What an agent may say.
  sealed interface Content extends ChatStreamEvent {}

  /// A piece of a part that grows; adjacent pieces of one part may be joined.
  sealed interface Delta extends Content {
    /// The part that grows.
    String part();

    String text();

    /// A piece of the same part with another text.
    Delta withText(String text);

    /// Whether `next` continues this piece's part, so that the two may become one.
    default boolean joins(Delta next) {
      return getClass() == next.getClass() && part().equals(next.part());
    }
  }

  record Start(MessageId messageId) implements ChatStreamEvent {}

  record Finish(FinishReason finishReason, Usage usage) implements ChatStreamEvent {}

  record Abort(String reason) implements ChatStreamEvent {}

  record Error(String errorText) implements ChatStreamEvent {}

  record TextStart(String id) implements Content {}

  record TextDelta(String id, String delta) implements Delta {
    @Override
    public String part() {
      return id;
    }

    @Override
    public String text() {
      return delta;
    }

    @Override
    public TextDelta withText(String text) {
      return new TextDelta(id, text);
    }
  }

  record TextEnd(String id) implements Content {}

  record ReasoningStart(String id) implements Content {}

  record ReasoningDelta(String id, String delta) implements Delta {
    @Override
    public String part() {
      return id;
    }

    @Override
    public String text() {
      return delta;
    }

    @Override
    public ReasoningDelta withText(String text) {
      return new ReasoningDelta(id, text);
    }
  }

  record ReasoningEnd(String id) implements Content {}

  record ToolInputStart(String toolCallId, String toolName) implements Content {}

  record ToolInputDelta(String toolCallId, String inputTextDelta) implements Delta {
    @Override
    public String part() {
      return toolCallId;
    }

    @Override
    public String text() {
      return inputTextDelta;
    }

    @Override
    public ToolInputDelta withText(String text) {
      return new ToolInputDelta(toolCallId, text);
    }
  }

  record ToolInputAvailable(String toolCallId, String toolName, JsonText input)
      implements Content {}

  record ToolInputError(String toolCallId, String toolName, JsonText input, String errorText)
      implements Content {}

  /// @param preliminary more output of this call follows and replaces this one
  record ToolOutputAvailable(String toolCallId, JsonText output, boolean preliminary)
      implements Content {}

  record ToolOutputError(String toolCallId, String errorText) implements Content {}

  record ToolOutputDenied(String toolCallId) implements Content {}

  record ToolApprovalRequest(String approvalId, String toolCallId, String toolName)
      implements Content {}

  /// @param reason what whoever answered has to say of it; absent: nothing
  record ToolApprovalResponse(String approvalId, boolean approved, @Nullable String reason)
      implements Content {}

  record SourceUrl(String sourceId, String url, @Nullable String title) implements Content {}

  record SourceDocument(String sourceId, String mediaType, String title) implements Content {}

  record File(String url, String mediaType) implements Content {}

  /// @param name what follows `data-` in the type
  /// @param id with it, a later part of the same name and id replaces this one
  /// @param passing shown while it streams and not kept in the message (`transient` on the wire)
  record Data(String name, @Nullable String id, JsonText data, boolean passing)
      implements Content {}

  record StartStep() implements Content {}

  record FinishStep() implements Content {}

  record MessageMetadata(JsonText messageMetadata) implements Content {}
}
