package dev.parley.session;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.FinishReason;
import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.content.Usage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What someone wants of a session. Time and new ids come with it, so that deciding needs neither.
public sealed interface Command {

  Instant at();

  /// Ids for the turn that this command may start. A command that can do without has none where no
  /// turn may start any more: what waits stays in the queue.
  record NewTurn(TurnId turnId, MessageId answerId) {}

  record Create(SessionKey key, Incarnation incarnation, @Nullable String title, Instant at)
      implements Command {}

  /// @param earlier the answer this `clientMessageId` got before, when the state no longer
  ///   remembers it and the store does
  record Send(
      UserMessage message, WhenBusy whenBusy, @Nullable SendReceipt earlier, NewTurn newTurn)
      implements Command {
    @Override
    public Instant at() {
      return message.at();
    }
  }

  /// What a send does while a turn is running (requirement T3).
  enum WhenBusy {
    QUEUE,
    INTERRUPT,
    ROLLBACK,
    REJECT
  }

  /// @param turnId the turn that is meant; when another one is running nothing happens
  /// @param discard the answer so far leaves history too
  record Interrupt(@Nullable TurnId turnId, boolean discard, @Nullable NewTurn newTurn, Instant at)
      implements Command {}

  /// Answers a message of history again, or an edited one in its place; what came after it is
  /// discarded. The running turn, if there is one, is stopped and discarded: it comes after every
  /// message, or answers the very one.
  ///
  /// @param messageId the message that is meant, or the answer to it; absent: the user's newest
  /// @param target that message, looked up in the store; absent: there is none
  /// @param edited what stands in the target's place; absent: the target itself
  /// @param clientMessageId makes it idempotent, as with a send
  /// @param earlier as with [Send]
  record Regenerate(
      @Nullable MessageId messageId,
      @Nullable Target target,
      @Nullable UserMessage edited,
      @Nullable ClientMessageId clientMessageId,
      @Nullable SendReceipt earlier,
      NewTurn newTurn,
      Instant at)
      implements Command {

    public Regenerate {
      if (edited != null && !edited.at().equals(at)) {
        throw new IllegalArgumentException("an edited message is as old as the edit");
      }
    }

    /// A user's message of history.
    ///
    /// @param ord its place
    /// @param discarded it has left history: it can be edited, and not be answered again as it is
    public record Target(UserMessage message, long ord, boolean discarded) {}

    /// The same with the message that was looked up.
    public Regenerate of(@Nullable Target target) {
      return new Regenerate(messageId, target, edited, clientMessageId, earlier, newTurn, at);
    }

    /// The same with what it was answered before.
    public Regenerate after(@Nullable SendReceipt earlier) {
      return new Regenerate(messageId, target, edited, clientMessageId, earlier, newTurn, at);
    }
  }

  record Rename(String title, Instant at) implements Command {}

  /// Counts as activity, and does nothing else.
  record Touch(Instant at) implements Command {}

  /// Stops the running turn and ends the session.
  record Delete(Instant at) implements Command {}

  record Dequeue(MessageId messageId, Instant at) implements Command {}

  /// The answer to a request for approval of the running turn; the first one holds.
  ///
  /// @param reason for the agent to know; absent: none is given
  record Approve(String approvalId, boolean approved, @Nullable String reason, Instant at)
      implements Command {}

  /// What the running agent said since the last time, in order, adjacent deltas joined.
  ///
  /// @param spent what the turn has cost so far, when that is known anew
  record AgentOutput(
      TurnId turnId,
      List<ChatStreamEvent.Content> said,
      @Nullable Usage spent,
      @Nullable NewTurn newTurn,
      Instant at)
      implements Command {
    public AgentOutput {
      said = List.copyOf(said);
    }
  }

  /// @param checkpoint the agent's own state behind this turn
  record AgentDone(
      TurnId turnId,
      FinishReason finishReason,
      Usage usage,
      @Nullable String model,
      @Nullable JsonText checkpoint,
      @Nullable NewTurn newTurn,
      Instant at)
      implements Command {}

  /// The agent broke, went silent or could not start.
  record AgentFailed(
      TurnId turnId,
      Refusal.Code code,
      String message,
      boolean retryable,
      @Nullable NewTurn newTurn,
      Instant at)
      implements Command {}

  /// The session was found with a turn whose agent is gone (its process died), or idle with
  /// messages waiting: end what cannot go on, start what can.
  record Recover(Cut cut, NewTurn newTurn, Instant at) implements Command {}

  /// What becomes of a turn whose agent is gone.
  enum Cut {
    /// It ends with what it had said.
    ENDS,
    /// Its agent goes on from where it was cut off.
    GOES_ON,
    /// What it had said is discarded, and its message is answered anew.
    BEGINS_ANEW
  }

  /// What clients know of the session's numbers no longer holds: its store was restored from a
  /// backup. No activity of the session.
  record RenewIncarnation(Incarnation incarnation, Instant at) implements Command {}

  /// The node stops, and its agents with it: the running turn ends with what it has said, and what
  /// waits stays where it is (requirement N4).
  record NodeStops(Instant at) implements Command {}
}
