package dev.parley.agent;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.FinishReason;
import dev.parley.content.JsonText;
import dev.parley.content.Usage;
import org.jspecify.annotations.Nullable;

/// What an agent emits.
public sealed interface AgentEvent {

  record Said(ChatStreamEvent.Content content) implements AgentEvent {}

  /// What the turn has cost so far, as far as the agent knows; the newest holds. Told as soon as it
  /// is known, because a turn may be stopped at any time.
  record Spent(Usage usage) implements AgentEvent {}

  /// Asks to be told once all that was emitted before is durable.
  ///
  /// @param passed runs once, on the session's loop, without blocking it; not if the turn is over
  ///   before; what it throws fails the turn
  record Fence(Runnable passed) implements AgentEvent {}

  /// The last event of an answer.
  ///
  /// @param usage of the whole turn; [Usage#NONE]: what was told before holds
  /// @param model the model that answered, where there is one
  /// @param checkpoint what the agent wants to find in the next turn's context; stored with this
  ///   turn's end
  record Finished(
      FinishReason reason, Usage usage, @Nullable String model, @Nullable JsonText checkpoint)
      implements AgentEvent {}
}
