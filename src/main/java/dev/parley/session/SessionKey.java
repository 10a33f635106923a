package dev.parley.session;

/// The name of a session: whose it is, which agent answers, which thread of theirs (requirement
/// K1). Written `userId:agentId:threadId`.
public record SessionKey(String userId, String agentId, String threadId) {

  /// Characters of one part at most: the parts are indexed.
  public static final int PART_LENGTH_MAX = 128;

  /// The parts by the names a refusal uses.
  public enum Part {
    USER_ID("userId"),
    AGENT_ID("agentId"),
    THREAD_ID("threadId");

    private final String word;

    Part(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }

    /// The value, when it can be this part of a key.
    ///
    /// @throws RefusedException with [Refusal.InvalidRequest], whose field is this part
    public String checked(String value) {
      check(this, value);
      return value;
    }
  }

  public SessionKey {
    check(Part.USER_ID, userId);
    check(Part.AGENT_ID, agentId);
    check(Part.THREAD_ID, threadId);
  }

  /// The key that the text names.
  ///
  /// @throws RefusedException with [Refusal.InvalidRequest], whose field is the part that is wrong
  public static SessionKey parse(String text) {
    int first = text.indexOf(':');
    int second = first < 0 ? -1 : text.indexOf(':', first + 1);
    String userId = first < 0 ? text : text.substring(0, first);
    check(Part.USER_ID, userId);
    if (first < 0) {
      throw wrong(Part.AGENT_ID, "is missing: a session key is userId:agentId:threadId");
    }
    String agentId = second < 0 ? text.substring(first + 1) : text.substring(first + 1, second);
    check(Part.AGENT_ID, agentId);
    if (second < 0) {
      throw wrong(Part.THREAD_ID, "is missing: a session key is userId:agentId:threadId");
    }
    return new SessionKey(userId, agentId, text.substring(second + 1));
  }

  private static void check(Part part, String value) {
    if (value.isEmpty()) {
      throw wrong(part, "is empty");
    }
    if (value.length() > PART_LENGTH_MAX) {
      throw wrong(part, "has more than " + PART_LENGTH_MAX + " characters");
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean allowed =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '_'
              || c == '-';
      if (!allowed) {
        throw wrong(part, "may only hold letters, digits, '_' and '-'");
      }
    }
  }

  private static RefusedException wrong(Part part, String what) {
    return new RefusedException(new Refusal.InvalidRequest(part.word() + " " + what, part.word()));
  }

  @Override
  public String toString() {
    return userId + ":" + agentId + ":" + threadId;
  }
}
