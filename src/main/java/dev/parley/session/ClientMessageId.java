package dev.parley.session;

/// A client's own name for a send: what makes it idempotent (requirement T7). ASCII, because it is
/// indexed.
public record ClientMessageId(String value) {
  public static final int LENGTH_MAX = 128;

  /// @throws RefusedException with [Refusal.InvalidRequest] for what is empty, long or not
  ///   printable ASCII
  public ClientMessageId {
    if (value.isEmpty() || value.length() > LENGTH_MAX) {
      throw wrong("has 1 to " + LENGTH_MAX + " characters");
    }
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < 0x21 || value.charAt(i) > 0x7e) {
        throw wrong("is printable ASCII without spaces");
      }
    }
  }

  private static RefusedException wrong(String what) {
    return new RefusedException(
        new Refusal.InvalidRequest("clientMessageId " + what, "clientMessageId"));
  }

  @Override
  public String toString() {
    return value;
  }
}
