package dev.parley.content;

/// Tokens that a turn, or all turns of a session, cost at the model. Never negative.
public record Usage(
    long inputTokens, long outputTokens, long cacheReadTokens, long cacheCreationTokens) {

  public static final Usage NONE = new Usage(0, 0, 0, 0);

  public Usage {
    if (inputTokens < 0 || outputTokens < 0 || cacheReadTokens < 0 || cacheCreationTokens < 0) {
      throw new IllegalArgumentException("token counts are not negative");
    }
  }

  public static Usage of(long inputTokens, long outputTokens) {
    return new Usage(inputTokens, outputTokens, 0, 0);
  }

  public Usage plus(Usage more) {
    return new Usage(
        inputTokens + more.inputTokens,
        outputTokens + more.outputTokens,
        cacheReadTokens + more.cacheReadTokens,
        cacheCreationTokens + more.cacheCreationTokens);
  }
}
