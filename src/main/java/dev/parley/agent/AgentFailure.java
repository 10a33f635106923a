package dev.parley.agent;

import dev.parley.session.Refusal;

/// The way for an agent to say how it failed. Any other exception counts as not retryable, and its
/// message stays in the log.
public final class AgentFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Refusal.Code code;
  private final String told;
  private final boolean retryable;

  /// @param message for the client to read; without secrets
  /// @param retryable whether sending the same message again may work
  public AgentFailure(String message, boolean retryable) {
    this(Refusal.Code.AGENT_ERROR, message, retryable);
  }

  /// @param code for the client to act on
  public AgentFailure(Refusal.Code code, String message, boolean retryable) {
    super(message, null, false, false);
    this.code = code;
    this.told = message;
    this.retryable = retryable;
  }

  public Refusal.Code code() {
    return code;
  }

  /// What the client reads.
  public String told() {
    return told;
  }

  public boolean retryable() {
    return retryable;
  }
}
