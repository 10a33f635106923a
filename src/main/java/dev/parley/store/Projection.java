package dev.parley.store;

import dev.parley.content.MessageId;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.Event;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Absent;
import dev.parley.session.SessionState.Core;
import dev.parley.session.SessionState.Deleted;
import dev.parley.session.SessionState.Idle;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The rows of the read tables that follow from events: a function of the events and the state
/// before them, so that the tables can be made again from nothing. One row per key.
///
/// @param discardedFrom the place in history from which on every message has left it; absent: none
///   has. What left it and came in with the same events is marked in `messages`
record Projection(
    List<TurnRow> turns,
    List<MessageRow> messages,
    List<SendRow> sends,
    @Nullable Long discardedFrom) {

  record TurnRow(
      TurnId turnId,
      MessageId messageId,
      MessageId answerId,
      String status,
      long firstFrame,
      @Nullable Long lastFrame,
      Instant startedAt,
      @Nullable Instant completedAt,
      @Nullable String reason) {}

  record MessageRow(long ord, MessageId id, String role, long eventSeq, boolean discarded) {
    MessageRow discardedFrom(long from) {
      return new MessageRow(ord, id, role, eventSeq, discarded || ord >= from);
    }
  }

  record SendRow(
      ClientMessageId id, MessageId messageId, @Nullable TurnId turnId, Instant sentAt) {}

  static Projection of(SessionState before, List<NumberedEvent> events) {
    Map<TurnId, TurnRow> turns = new LinkedHashMap<>();
    List<MessageRow> messages = new ArrayList<>();
    List<SendRow> sends = new ArrayList<>();
    Long discardedFrom = null;
    SessionState state = before;
    for (NumberedEvent numbered : events) {
      SessionState next = state.evolve(numbered.event(), numbered.frameSeq());
      switch (numbered.event()) {
        case Event.SessionCreated _, Event.MessageRemoved _, Event.TurnResumed _ -> {}
        case Event.TurnSpent _ -> {}
        case Event.SessionRenamed _, Event.SessionTouched _, Event.SessionDeleted _ -> {}
        case Event.IncarnationRenewed _ -> {}
        case Event.MessageQueued queued -> send(sends, queued.message(), null);
        case Event.MessagesDiscarded left -> {
          discardedFrom =
              discardedFrom == null ? left.fromOrd() : Math.min(discardedFrom, left.fromOrd());
          messages.replaceAll(row -> row.discardedFrom(left.fromOrd()));
        }
        case Event.TurnRegenerated again -> {
          if (again.clientMessageId() != null) {
            sends.add(
                new SendRow(
                    again.clientMessageId(), again.message().id(), again.turnId(), again.at()));
          }
          turns.put(again.turnId(), running(next));
        }
        case Event.TurnStarted started -> {
          send(sends, started.message(), started.turnId());
          messages.add(user(next, started.message().id(), numbered.seq()));
          turns.put(started.turnId(), running(next));
        }
        case Event.QueuedTurnStarted started -> {
          messages.add(user(next, started.messageId(), queuedBy(state, started.messageId())));
          turns.put(started.turnId(), running(next));
        }
        case Event.TurnEnded ended -> {
          if (!ended.answer().isEmpty()) {
            messages.add(
                new MessageRow(
                    core(next).messageCount(),
                    ended.answerId(),
                    "assistant",
                    numbered.seq(),
                    ended.discarded()));
          }
          turns.put(ended.turnId(), ended(running(state), ended, numbered.frameSeq()));
        }
      }
      state = next;
    }
    return new Projection(List.copyOf(turns.values()), messages, sends, discardedFrom);
  }

  private static void send(List<SendRow> sends, UserMessage message, @Nullable TurnId turnId) {
    if (message.clientMessageId() != null) {
      sends.add(new SendRow(message.clientMessageId(), message.id(), turnId, message.at()));
    }
  }

  private static MessageRow user(SessionState after, MessageId id, long eventSeq) {
    return new MessageRow(core(after).messageCount(), id, "user", eventSeq, false);
  }

  private static long queuedBy(SessionState state, MessageId id) {
    SessionState.Waiting waiting = core(state).waiting(id);
    if (waiting == null) {
      throw new IllegalStateException("the message that starts is not in the queue");
    }
    return waiting.eventSeq();
  }

  private static TurnRow running(SessionState state) {
    return switch (state) {
      case Streaming streaming -> {
        SessionState.RunningTurn turn = streaming.turn();
        yield new TurnRow(
            turn.turnId(),
            turn.message().id(),
            turn.answerId(),
            "streaming",
            turn.firstFrame(),
            null,
            turn.startedAt(),
            null,
            null);
      }
      case Idle _ -> throw new IllegalStateException("no turn is running");
      case Absent _ -> throw new IllegalStateException("no turn is running");
      case Deleted _ -> throw new IllegalStateException("no turn is running");
    };
  }

  private static TurnRow ended(TurnRow running, Event.TurnEnded ended, long lastFrame) {
    String status =
        switch (ended.outcome()) {
          case TurnOutcome.Completed _ -> "completed";
          case TurnOutcome.Interrupted _ -> "interrupted";
          case TurnOutcome.Failed _ -> "error";
        };
    String reason =
        switch (ended.outcome()) {
          case TurnOutcome.Completed completed -> completed.finishReason().word();
          case TurnOutcome.Interrupted interrupted -> interrupted.reason();
          case TurnOutcome.Failed failed -> failed.code().name();
        };
    return new TurnRow(
        running.turnId(),
        running.messageId(),
        running.answerId(),
        status,
        running.firstFrame(),
        lastFrame,
        running.startedAt(),
        ended.at(),
        reason);
  }

  private static Core core(SessionState state) {
    return ((Present) state).core();
  }
}
