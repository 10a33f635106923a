package dev.parley.agent;

import dev.parley.content.TurnOutput;
import dev.parley.session.UserMessage;
import io.smallrye.mutiny.Multi;

/// Answers one message at a time.
public interface Agent {

  /// Answers the context's input.
  ///
  /// The stream obeys demand: an agent that cannot wait for demand must bound what it holds back.
  /// It ends after [AgentEvent.Finished]; a completion without one counts as finished with `stop`
  /// and no usage; a failure ends the turn with an error. Cancelling the subscription stops the
  /// work at once, and what is emitted afterwards is ignored. Items may come on any thread.
  ///
  /// Called on the context's loop: it must return without blocking.
  Multi<AgentEvent> answer(AgentContext context);

  /// Whether [#resume] can go on from here. Must not block.
  default boolean canResume(UserMessage input, TurnOutput said) {
    return false;
  }

  /// Goes on with an answer whose node was lost, from its last durable word: what this emits
  /// follows `said`, in the same parts, so that clients see one answer. Called only where
  /// [#canResume] says so; otherwise as [#answer].
  default Multi<AgentEvent> resume(AgentContext context, TurnOutput said) {
    throw new UnsupportedOperationException("this agent starts its answers anew");
  }
}
