package dev.parley.session;

import dev.parley.content.FinishReason;
import dev.parley.content.MessageId;
import dev.parley.content.MessagePart;
import dev.parley.content.Usage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What happened to a session: immutable, numbered per session, kept for the session's life. What
/// the agent says token by token is in the frames; the finished message is in [TurnEnded].
public sealed interface Event {

  Instant at();

  record SessionCreated(SessionKey key, Incarnation incarnation, @Nullable String title, Instant at)
      implements Event {}

  /// A message found a turn running and waits.
  ///
  /// @param first it goes to the front of the queue
  record MessageQueued(UserMessage message, boolean first) implements Event {
    @Override
    public Instant at() {
      return message.at();
    }
  }

  /// A waiting message was taken out by a client.
  record MessageRemoved(MessageId messageId, Instant at) implements Event {}

  /// A message found the session idle and its turn began.
  record TurnStarted(TurnId turnId, MessageId answerId, UserMessage message, Instant at)
      implements Event {}

  /// The message at the head of the queue got its turn.
  record QueuedTurnStarted(TurnId turnId, MessageId answerId, MessageId messageId, Instant at)
      implements Event {}

  /// The turn is over, for the one and only time.
  ///
  /// @param answer what was said, whole or as far as it came; empty when nothing was
  /// @param discarded the answer stays in the log and leaves history and the agent's context
  record TurnEnded(
      TurnId turnId,
      MessageId answerId,
      TurnOutcome outcome,
      List<MessagePart> answer,
      boolean discarded,
      Usage usage,
      @Nullable String model,
      Instant at)
      implements Event {
    public TurnEnded {
      answer = List.copyOf(answer);
    }
  }

  /// How a turn ended.
  sealed interface TurnOutcome {
    record Completed(FinishReason finishReason) implements TurnOutcome {}

    /// Somebody stopped it, or its node was lost.
    record Interrupted(String reason) implements TurnOutcome {}

    record Failed(Refusal.Code code, String message, boolean retryable) implements TurnOutcome {}
  }
}
