package dev.parley.agent.llm;

import dev.langchain4j.agent.tool.ToolExecutionRequest;

/// A call of a tool that a model wants.
///
/// @param request under the id that clients know, with a JSON object for arguments
public record ToolCall(ToolExecutionRequest request, Progress progress) {

  /// How far a call has come.
  public sealed interface Progress {
    /// Nothing has happened yet.
    record Fresh() implements Progress {}

    /// Somebody has been asked to agree to it, and has not answered.
    record Asked(String approvalId) implements Progress {}

    /// Somebody did not agree; clients have not been told what became of the call.
    record Refused(String why) implements Progress {}

    /// It came to nothing; clients have not been told.
    record Broken(String why) implements Progress {}

    /// It is over and clients know; the model has to be told.
    record Over(String result, boolean failed) implements Progress {}
  }

  public static ToolCall fresh(ToolExecutionRequest request) {
    return new ToolCall(request, new Progress.Fresh());
  }

  public String id() {
    return request.id();
  }
}
