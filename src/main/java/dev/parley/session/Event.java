package dev.parley.session;

import dev.parley.content.ChatStreamEvent;
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

  /// A message of history is answered again. What it was answered before, and all that followed,
  /// was discarded just before this.
  ///
  /// @param message as history has it
  /// @param clientMessageId how the one who wanted it named the call
  record TurnRegenerated(
      TurnId turnId,
      MessageId answerId,
      UserMessage message,
      @Nullable ClientMessageId clientMessageId,
      Instant at)
      implements Event {}

  /// The running turn, whose node was lost, goes on on another one.
  ///
  /// @param saidBytes what it had said, as [dev.parley.content.TurnOutput#bytes] counts
  record TurnResumed(TurnId turnId, long saidBytes, Instant at) implements Event {}

  /// What the running turn has cost so far, as far as that is known: what models counted, and what
  /// they were asked for without having counted it yet, as an estimate. The newest holds, unless
  /// the turn's end knows better.
  record TurnSpent(TurnId turnId, Usage usage, Instant at) implements Event {}

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

  /// Messages have left history and the agent's context; they stay in the log. A turn starts with
  /// the next event.
  ///
  /// @param messageId the first that left, or with `inclusive` unset the last that stayed
  /// @param fromOrd the place in history from which on all have left
  record MessagesDiscarded(MessageId messageId, boolean inclusive, long fromOrd, Instant at)
      implements Event {}

  record SessionRenamed(String title, Instant at) implements Event {}

  /// Somebody showed interest: it counts as activity.
  record SessionTouched(Instant at) implements Event {}

  /// Cursors of before do not fit any more. No activity of the session.
  record IncarnationRenewed(Incarnation incarnation, Instant at) implements Event {}

  /// The end of the session. The same key may name another one afterwards.
  record SessionDeleted(Instant at) implements Event {}

  /// How a turn ended.
  sealed interface TurnOutcome {

    /// What the answer ends with.
    ///
    /// @param usage of a completed turn
    default ChatStreamEvent lastWord(Usage usage) {
      return switch (this) {
        case Completed completed -> new ChatStreamEvent.Finish(completed.finishReason(), usage);
        case Interrupted interrupted -> new ChatStreamEvent.Abort(interrupted.reason());
        case Failed failed -> new ChatStreamEvent.Error(failed.message());
      };
    }

    record Completed(FinishReason finishReason) implements TurnOutcome {}

    /// Somebody stopped it, or its node is gone.
    record Interrupted(String reason) implements TurnOutcome {
      /// Why a turn ends whose node was lost.
      static final String NODE_LOST = "node lost";

      /// Why one ends whose node was told to stop.
      static final String NODE_STOPPED = "node stopped";

      /// Why one ends whose session was deleted.
      static final String DELETED = "deleted";

      /// Nobody wanted it to stop.
      public boolean isLoss() {
        return reason.equals(NODE_LOST) || reason.equals(NODE_STOPPED);
      }

      /// The session has gone with it.
      public boolean isDeletion() {
        return reason.equals(DELETED);
      }
    }

    record Failed(Refusal.Code code, String message, boolean retryable) implements TurnOutcome {}
  }
}
