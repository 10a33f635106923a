package dev.parley.agent;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The agents that this node runs, by the agent id of a session key.
public final class Agents {
  private final Map<String, Hosted> byId;

  /// An agent and how it is run.
  ///
  /// @param timeout how long it may say nothing while it is wanted to; absent: as long as any
  public record Hosted(Agent agent, OnCrash onCrash, @Nullable Duration timeout) {

    /// One that may be silent as long as any.
    public Hosted(Agent agent, OnCrash onCrash) {
      this(agent, onCrash, null);
    }
  }

  /// What becomes of a turn whose node was lost (requirement A4).
  public enum OnCrash {
    /// It ends `interrupted`, with what it had said.
    INTERRUPT,
    /// It goes on from its last durable word where the agent can, from its beginning where it had
    /// said nothing, and otherwise ends `interrupted`.
    CONTINUE,
    /// What it had said is discarded and it begins anew, once.
    RESTART
  }

  public Agents(Map<String, Hosted> byId) {
    this.byId = Map.copyOf(byId);
  }

  /// The agent of that id; none when the configuration does not name it.
  public @Nullable Hosted find(String agentId) {
    return byId.get(agentId);
  }
}
