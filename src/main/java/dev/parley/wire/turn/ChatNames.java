package dev.parley.wire.turn;

import dev.parley.session.SessionKey;
import dev.parley.wire.auth.Caller;

/// How clients that know threads only name sessions: by a whole key, or by a thread of this user
/// with this agent.
public record ChatNames(String userId, String agentId) {

  public ChatNames {
    String _ = SessionKey.Part.USER_ID.checked(userId);
    String _ = SessionKey.Part.AGENT_ID.checked(agentId);
  }

  /// As the caller names sessions: a thread without a user is his own.
  public ChatNames of(Caller caller) {
    String own = caller.userId();
    return own == null ? this : new ChatNames(own, agentId);
  }

  /// @throws dev.parley.session.RefusedException with `InvalidRequest` for what is neither
  public SessionKey key(String id) {
    return id.indexOf(':') < 0 ? new SessionKey(userId, agentId, id) : SessionKey.parse(id);
  }
}
