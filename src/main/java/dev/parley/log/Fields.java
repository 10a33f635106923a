package dev.parley.log;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a line of the log is about; absent is what it is not about.
///
/// @param connectionId the name of a socket or of an exchange over HTTP, given by this node
/// @param requestId how a client named its call; left out when it is long or not plain
/// @param sessionKey the name of a session
/// @param turnId the name of a turn
public record Fields(
    @Nullable String connectionId,
    @Nullable String requestId,
    @Nullable String sessionKey,
    @Nullable String turnId) {
  /// About nothing in particular.
  public static final Fields NONE = new Fields(null, null, null, null);

  /// What a client may have chosen.
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

  private static final Pattern SESSION_KEY =
      Pattern.compile("[A-Za-z0-9_-]{1,128}(:[A-Za-z0-9_-]{1,128}){2}");

  public Fields {
    requestId = requestId != null && PLAIN.matcher(requestId).matches() ? requestId : null;
    sessionKey =
        sessionKey != null && SESSION_KEY.matcher(sessionKey).matches() ? sessionKey : null;
  }

  public static Fields ofConnection(String connectionId) {
    return new Fields(connectionId, null, null, null);
  }

  /// @param sessionKey as text; what is no such key is left out
  public static Fields ofSession(String sessionKey) {
    return NONE.withSession(sessionKey);
  }

  public static Fields ofTurn(String turnId) {
    return NONE.withTurn(turnId);
  }

  public Fields withRequest(String requestId) {
    return new Fields(connectionId, requestId, sessionKey, turnId);
  }

  /// @param sessionKey as text; what is no such key is left out
  public Fields withSession(String sessionKey) {
    return new Fields(connectionId, requestId, sessionKey, turnId);
  }

  public Fields withTurn(String turnId) {
    return new Fields(connectionId, requestId, sessionKey, turnId);
  }
}
