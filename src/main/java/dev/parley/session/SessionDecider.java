package dev.parley.session;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.FinishReason;
import dev.parley.content.TurnOutput;
import dev.parley.content.Usage;
import dev.parley.session.Command.AgentDone;
import dev.parley.session.Command.AgentFailed;
import dev.parley.session.Command.AgentOutput;
import dev.parley.session.Command.Create;
import dev.parley.session.Command.Dequeue;
import dev.parley.session.Command.Interrupt;
import dev.parley.session.Command.NewTurn;
import dev.parley.session.Command.Recover;
import dev.parley.session.Command.Send;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.SessionState.Absent;
import dev.parley.session.SessionState.Idle;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// All rules of turns, queue, interrupt and deduplication. Pure: the same state and command give
/// the same decision; the shape is the decider of functional event sourcing.
///
/// Agent commands that name another turn than the running one are what a stopped agent still had to
/// say: they are accepted and change nothing.
public final class SessionDecider {
  private final Limits limits;

  /// @param queueLengthMax messages that may wait (requirement T4)
  /// @param queueBytesMax their bytes together
  /// @param outputBytesMax what one turn may say, as [TurnOutput#bytes] counts (requirement T8)
  public record Limits(int queueLengthMax, long queueBytesMax, long outputBytesMax) {}

  public SessionDecider(Limits limits) {
    this.limits = limits;
  }

  /// @param key the session that is meant, for answers about one that is absent
  public Decision decide(SessionKey key, SessionState state, Command command) {
    return switch (state) {
      case Absent absent -> absent(key, absent, command);
      case Idle idle -> idle(idle, command);
      case Streaming streaming -> streaming(streaming, command);
    };
  }

  private static Decision absent(SessionKey key, Absent state, Command command) {
    return switch (command) {
      case Create create -> {
        DecisionBuilder draft = new DecisionBuilder(state);
        draft.happened(
            new Event.SessionCreated(
                create.key(), create.incarnation(), create.title(), create.at()));
        yield draft.decision(new Reply.Done());
      }
      case Send _ -> new Decision.Refused(new Refusal.SessionNotFound(key));
      case Interrupt _ -> new Decision.Refused(new Refusal.SessionNotFound(key));
      case Dequeue _ -> new Decision.Refused(new Refusal.SessionNotFound(key));
      case AgentOutput _ -> nothing(state);
      case AgentDone _ -> nothing(state);
      case AgentFailed _ -> nothing(state);
      case Recover _ -> nothing(state);
    };
  }

  private Decision idle(Idle state, Command command) {
    return switch (command) {
      case Create create -> new Decision.Refused(new Refusal.SessionExists(create.key()));
      case Send send -> {
        SendReceipt earlier = earlier(state, send);
        if (earlier != null) {
          yield again(state, send, earlier);
        }
        DecisionBuilder draft = new DecisionBuilder(state);
        start(draft, send);
        yield draft.decision(
            new Reply.Started(send.message().id(), send.newTurn().turnId(), false));
      }
      case Interrupt _ -> answer(state, new Reply.Interrupted(null, null));
      case Dequeue dequeue -> dequeue(state, dequeue);
      case AgentOutput _ -> nothing(state);
      case AgentDone _ -> nothing(state);
      case AgentFailed _ -> nothing(state);
      case Recover recover -> {
        DecisionBuilder draft = new DecisionBuilder(state);
        startNext(draft, recover.newTurn(), recover.at());
        yield draft.decision(new Reply.Done());
      }
    };
  }

  private Decision streaming(Streaming state, Command command) {
    return switch (command) {
      case Create create -> new Decision.Refused(new Refusal.SessionExists(create.key()));
      case Send send -> sendWhileStreaming(state, send);
      case Interrupt interrupt -> {
        if (interrupt.turnId() != null && !interrupt.turnId().equals(state.turn().turnId())) {
          yield answer(state, new Reply.Interrupted(null, null));
        }
        DecisionBuilder draft = new DecisionBuilder(state);
        long stopped =
            end(
                draft,
                state,
                new TurnOutcome.Interrupted("interrupted"),
                interrupt.discard(),
                Usage.NONE,
                null,
                interrupt.at());
        startNext(draft, interrupt.newTurn(), interrupt.at());
        yield draft.decision(new Reply.Interrupted(state.turn().turnId(), stopped));
      }
      case Dequeue dequeue -> dequeue(state, dequeue);
      case AgentOutput output ->
          isRunning(state, output.turnId()) ? say(state, output) : nothing(state);
      case AgentDone done ->
          isRunning(state, done.turnId())
              ? endAndGoOn(
                  state,
                  new TurnOutcome.Completed(done.finishReason()),
                  done.usage(),
                  done.model(),
                  done.newTurn(),
                  done.at())
              : nothing(state);
      case AgentFailed failed ->
          isRunning(state, failed.turnId())
              ? endAndGoOn(
                  state,
                  new TurnOutcome.Failed(failed.code(), failed.message(), failed.retryable()),
                  Usage.NONE,
                  null,
                  failed.newTurn(),
                  failed.at())
              : nothing(state);
      case Recover recover ->
          endAndGoOn(
              state,
              new TurnOutcome.Interrupted("node lost"),
              Usage.NONE,
              null,
              recover.newTurn(),
              recover.at());
    };
  }

  private Decision sendWhileStreaming(Streaming state, Send send) {
    SendReceipt earlier = earlier(state, send);
    if (earlier != null) {
      return again(state, send, earlier);
    }
    return switch (send.whenBusy()) {
      case REJECT -> new Decision.Refused(new Refusal.SessionBusy(state.core().key()));
      case QUEUE -> {
        if (state.core().queue().size() >= limits.queueLengthMax()) {
          yield new Decision.Refused(
              new Refusal.LimitExceeded(
                  "queue", "The queue holds " + limits.queueLengthMax() + " messages.", null));
        }
        long bytes =
            send.message().bytes()
                + state.core().queue().stream().mapToLong(w -> w.message().bytes()).sum();
        if (bytes > limits.queueBytesMax()) {
          yield new Decision.Refused(
              new Refusal.LimitExceeded(
                  "queue", "The queue holds " + limits.queueBytesMax() + " bytes.", null));
        }
        DecisionBuilder draft = new DecisionBuilder(state);
        draft.happened(
            new Event.MessageQueued(send.message(), false),
            new Frame.MessageQueued(send.message()));
        yield draft.decision(new Reply.Queued(send.message(), false));
      }
      case INTERRUPT, ROLLBACK -> {
        DecisionBuilder draft = new DecisionBuilder(state);
        boolean discard = send.whenBusy() == Command.WhenBusy.ROLLBACK;
        var _ =
            end(
                draft,
                state,
                new TurnOutcome.Interrupted("interrupted"),
                discard,
                Usage.NONE,
                null,
                send.at());
        start(draft, send);
        yield draft.decision(
            new Reply.Started(send.message().id(), send.newTurn().turnId(), false));
      }
    };
  }

  private Decision say(Streaming state, AgentOutput output) {
    DecisionBuilder draft = new DecisionBuilder(state);
    for (ChatStreamEvent.Content content : output.said()) {
      long bytes = draft.streaming().turn().output().bytes() + TurnOutput.weight(content);
      if (bytes > limits.outputBytesMax()) {
        var _ =
            end(
                draft,
                draft.streaming(),
                new TurnOutcome.Completed(FinishReason.LENGTH),
                false,
                Usage.NONE,
                null,
                output.at());
        startNext(draft, output.newTurn(), output.at());
        return draft.decision(new Reply.Done());
      }
      draft.said(content);
    }
    return draft.decision(new Reply.Done());
  }

  private static Decision endAndGoOn(
      Streaming state,
      TurnOutcome outcome,
      Usage usage,
      @Nullable String model,
      NewTurn newTurn,
      Instant at) {
    DecisionBuilder draft = new DecisionBuilder(state);
    var _ = end(draft, state, outcome, false, usage, model, at);
    startNext(draft, newTurn, at);
    return draft.decision(new Reply.Done());
  }

  /// Ends the running turn; gives the number of the frame that tells so.
  private static long end(
      DecisionBuilder draft,
      Streaming state,
      TurnOutcome outcome,
      boolean discard,
      Usage usage,
      @Nullable String model,
      Instant at) {
    SessionState.RunningTurn turn = state.turn();
    TurnId turnId = turn.turnId();
    Frame[] frames =
        Stream.concat(
                turn.output().missingEnds().stream()
                    .map(missing -> (Frame) new Frame.StreamEvent(turnId, missing)),
                Stream.of(
                    new Frame.StreamEvent(turnId, lastWord(outcome, usage)),
                    new Frame.SessionStopped(turnId, outcome, discard)))
            .toArray(Frame[]::new);
    draft.happened(
        new Event.TurnEnded(
            turnId, turn.answerId(), outcome, turn.output().parts(), discard, usage, model, at),
        frames);
    return draft.frameSeq();
  }

  private static ChatStreamEvent lastWord(TurnOutcome outcome, Usage usage) {
    return switch (outcome) {
      case TurnOutcome.Completed completed ->
          new ChatStreamEvent.Finish(completed.finishReason(), usage);
      case TurnOutcome.Interrupted interrupted -> new ChatStreamEvent.Abort(interrupted.reason());
      case TurnOutcome.Failed failed -> new ChatStreamEvent.Error(failed.message());
    };
  }

  private static void start(DecisionBuilder draft, Send send) {
    TurnId turnId = send.newTurn().turnId();
    UserMessage message = send.message();
    draft.happened(
        new Event.TurnStarted(turnId, send.newTurn().answerId(), message, send.at()),
        new Frame.UserMessage(message),
        new Frame.SessionStarted(turnId, message.id(), send.at()),
        new Frame.StreamEvent(turnId, new ChatStreamEvent.Start(send.newTurn().answerId())));
  }

  /// Starts the turn of the message at the head of the queue, if one waits.
  private static void startNext(DecisionBuilder draft, NewTurn newTurn, Instant at) {
    if (draft.core().queue().isEmpty()) {
      return;
    }
    UserMessage message = draft.core().queue().getFirst().message();
    TurnId turnId = newTurn.turnId();
    draft.happened(
        new Event.QueuedTurnStarted(turnId, newTurn.answerId(), message.id(), at),
        new Frame.MessageDequeued(message.id(), Frame.DequeueReason.STARTED),
        new Frame.UserMessage(message),
        new Frame.SessionStarted(turnId, message.id(), at),
        new Frame.StreamEvent(turnId, new ChatStreamEvent.Start(newTurn.answerId())));
  }

  private static Decision dequeue(Present state, Dequeue dequeue) {
    if (state.core().waiting(dequeue.messageId()) == null) {
      return answer(state, new Reply.Dequeued(false));
    }
    DecisionBuilder draft = new DecisionBuilder(state);
    draft.happened(
        new Event.MessageRemoved(dequeue.messageId(), dequeue.at()),
        new Frame.MessageDequeued(dequeue.messageId(), Frame.DequeueReason.REMOVED));
    return draft.decision(new Reply.Dequeued(true));
  }

  private static @Nullable SendReceipt earlier(Present state, Send send) {
    SendReceipt remembered = state.core().receipt(send.message().clientMessageId());
    return remembered == null ? send.earlier() : remembered;
  }

  private static Decision again(Present state, Send send, SendReceipt earlier) {
    if (earlier.turnId() != null) {
      return answer(state, new Reply.Started(earlier.messageId(), earlier.turnId(), true));
    }
    SessionState.Waiting waiting = state.core().waiting(earlier.messageId());
    UserMessage given = send.message();
    UserMessage message =
        waiting != null
            ? waiting.message()
            : new UserMessage(
                earlier.messageId(),
                given.content(),
                given.parts(),
                given.clientMessageId(),
                earlier.at());
    return answer(state, new Reply.Queued(message, true));
  }

  private static boolean isRunning(Streaming state, TurnId turnId) {
    return state.turn().turnId().equals(turnId);
  }

  private static Decision nothing(SessionState state) {
    return answer(state, new Reply.Done());
  }

  private static Decision answer(SessionState state, Reply reply) {
    return new DecisionBuilder(state).decision(reply);
  }
}
