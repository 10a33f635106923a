package dev.parley.agent;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.FinishReason;
import dev.parley.content.JsonText;
import dev.parley.content.Usage;
import org.jspecify.annotations.Nullable;

/// What an agent emits.
public sealed interface AgentEvent {

  record Said(ChatStreamEvent.Content content) implements AgentEvent {}

  /// The last event of an answer.
  ///
  /// @param model the model that answered, where there is one
  /// @param checkpoint what the agent wants to find in the next turn's context; stored with this
  ///   turn's end
  record Finished(
      FinishReason reason, Usage usage, @Nullable String model, @Nullable JsonText checkpoint)
      implements AgentEvent {}
}
