package dev.parley.agent;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The agents that this node runs, by the agent id of a session key.
public final class Agents {
  private final Map<String, Agent> byId;

  public Agents(Map<String, Agent> byId) {
    this.byId = Map.copyOf(byId);
  }

  /// The agent of that id; none when the configuration does not name it.
  public @Nullable Agent find(String agentId) {
    return byId.get(agentId);
  }
}
