package dev.parley.agent;

/// The way for an agent to say how it failed. Any other exception counts as not retryable, and its
/// message stays in the log.
public final class AgentFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String told;
  private final boolean retryable;

  /// @param message for the client to read; without secrets
  /// @param retryable whether sending the same message again may work
  public AgentFailure(String message, boolean retryable) {
    super(message, null, false, false);
    this.told = message;
    this.retryable = retryable;
  }

  /// What the client reads.
  public String told() {
    return told;
  }

  public boolean retryable() {
    return retryable;
  }
}
