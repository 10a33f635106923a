package dev.parley.content;

/// The name of one message for life: of a user's message while it is queued, in its turn and in
/// history, or of the agent's answer.
public record MessageId(String value) {
  public MessageId {
    if (value.isEmpty() || value.length() > 128) {
      throw new IllegalArgumentException("a message id has 1 to 128 characters");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
