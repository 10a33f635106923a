package dev.parley.session;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.FinishReason;
import dev.parley.content.MessageId;
import dev.parley.content.Usage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What someone wants of a session. Time and new ids come with it, so that deciding needs neither.
public sealed interface Command {

  Instant at();

  /// Ids for the turn that this command may start.
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
  record Interrupt(@Nullable TurnId turnId, boolean discard, NewTurn newTurn, Instant at)
      implements Command {}

  record Dequeue(MessageId messageId, Instant at) implements Command {}

  /// What the running agent said since the last time, in order, adjacent deltas joined.
  record AgentOutput(TurnId turnId, List<ChatStreamEvent.Content> said, NewTurn newTurn, Instant at)
      implements Command {
    public AgentOutput {
      said = List.copyOf(said);
    }
  }

  record AgentDone(
      TurnId turnId,
      FinishReason finishReason,
      Usage usage,
      @Nullable String model,
      NewTurn newTurn,
      Instant at)
      implements Command {}

  /// The agent broke, went silent or could not start.
  record AgentFailed(
      TurnId turnId,
      Refusal.Code code,
      String message,
      boolean retryable,
      NewTurn newTurn,
      Instant at)
      implements Command {}

  /// The session was found with a turn whose agent is gone (its process died), or idle with
  /// messages waiting: end what cannot go on, start what can.
  record Recover(NewTurn newTurn, Instant at) implements Command {}
}
