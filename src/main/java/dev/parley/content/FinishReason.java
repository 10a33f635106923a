package dev.parley.content;

/// Why an answer ended by itself. A closed list: the AI SDK's client refuses any other word.
public enum FinishReason {
  STOP("stop"),
  LENGTH("length"),
  TOOL_CALLS("tool-calls"),
  CONTENT_FILTER("content-filter"),
  ERROR("error"),
  OTHER("other");

  private final String word;

  FinishReason(String word) {
    this.word = word;
  }

  /// The word for it on the wire and in the store.
  public String word() {
    return word;
  }

  /// The reason that a stored or received word names.
  ///
  /// @throws IllegalArgumentException for a word outside the list
  public static FinishReason of(String word) {
    for (FinishReason reason : values()) {
      if (reason.word.equals(word)) {
        return reason;
      }
    }
    throw new IllegalArgumentException("not a finish reason: " + word);
  }
}
