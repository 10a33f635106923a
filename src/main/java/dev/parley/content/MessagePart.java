package dev.parley.content;

import org.jspecify.annotations.Nullable;

/// One part of a finished (or cut short) message as history keeps it.
public sealed interface MessagePart {

  record Text(String text) implements MessagePart {}

  record Reasoning(String text) implements MessagePart {}

  /// A tool call as far as it came.
  ///
  /// @param inputText what was streamed of an input that never became available
  record Tool(
      String toolCallId,
      String toolName,
      ToolState state,
      @Nullable JsonText input,
      @Nullable String inputText,
      @Nullable JsonText output,
      @Nullable String errorText)
      implements MessagePart {}

  record File(String url, String mediaType) implements MessagePart {}

  record SourceUrl(String sourceId, String url, @Nullable String title) implements MessagePart {}

  record SourceDocument(String sourceId, String mediaType, String title) implements MessagePart {}

  record Data(String name, @Nullable String id, JsonText data) implements MessagePart {}

  record StepStart() implements MessagePart {}

  /// How far a tool call has come; the words are the AI SDK's.
  enum ToolState {
    INPUT_STREAMING("input-streaming"),
    INPUT_AVAILABLE("input-available"),
    OUTPUT_AVAILABLE("output-available"),
    OUTPUT_ERROR("output-error"),
    OUTPUT_DENIED("output-denied");

    private final String word;

    ToolState(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }

    /// @throws IllegalArgumentException for a word outside the list
    public static ToolState of(String word) {
      for (ToolState state : values()) {
        if (state.word.equals(word)) {
          return state;
        }
      }
      throw new IllegalArgumentException("not a tool state: " + word);
    }
  }
}
