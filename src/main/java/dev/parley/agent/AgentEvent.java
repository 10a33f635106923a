package dev.parley.agent;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.FinishReason;
import dev.parley.content.Usage;
import org.jspecify.annotations.Nullable;

/// What an agent emits.
public sealed interface AgentEvent {

  record Said(ChatStreamEvent.Content content) implements AgentEvent {}

  /// The last event of an answer.
  ///
  /// @param model the model that answered, where there is one
  record Finished(FinishReason reason, Usage usage, @Nullable String model) implements AgentEvent {}
}
