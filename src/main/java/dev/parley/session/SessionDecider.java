package dev.parley.session;

import dev.parley.session.Command.AgentDone;
import dev.parley.session.Command.AgentFailed;
import dev.parley.session.Command.AgentOutput;
import dev.parley.session.Command.Approve;
import dev.parley.session.Command.Create;
import dev.parley.session.Command.Delete;
import dev.parley.session.Command.Dequeue;
import dev.parley.session.Command.Interrupt;
import dev.parley.session.Command.NodeStops;
import dev.parley.session.Command.Recover;
import dev.parley.session.Command.Regenerate;
import dev.parley.session.Command.Regenerate.Target;
import dev.parley.session.Command.Rename;
import dev.parley.session.Command.RenewIncarnation;
import dev.parley.session.Command.Send;
import dev.parley.session.Command.Touch;
import dev.parley.session.SessionState.Absent;
import dev.parley.session.SessionState.Deleted;
import dev.parley.session.SessionState.Idle;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// All rules of turns, queue, interrupt and deduplication. Pure: the same state and command give
/// the same decision; the shape is the decider of functional event sourcing.
///
/// Agent commands that name another turn than the running one are what a stopped agent still had to
/// say: they are accepted and change nothing.
public final class SessionDecider {
  private static final String INTERRUPTED = "interrupted";

  private final Limits limits;
  private final Turns turns;

  /// @param queueLengthMax messages that may wait (requirement T4)
  /// @param queueBytesMax their bytes together
  /// @param outputBytesMax what one turn may say, as [TurnOutput#bytes] counts (requirement T8)
  public record Limits(int queueLengthMax, long queueBytesMax, long outputBytesMax) {}

  /// @param announcesTurns whether a webhook is to be called about the completed turns of an agent
  ///   of that id
  public SessionDecider(Limits limits, Predicate<String> announcesTurns) {
    this.limits = limits;
    this.turns = new Turns(limits.outputBytesMax(), announcesTurns);
  }

  /// @param key the session that is meant, for answers about one that is absent
  public Decision decide(SessionKey key, SessionState state, Command command) {
    return switch (state) {
      case Absent absent ->
          command instanceof Create create ? create(absent, create) : missing(key, absent, command);
      case Idle idle -> idle(idle, command);
      case Streaming streaming -> streaming(streaming, command);
      case Deleted deleted -> missing(key, deleted, command);
    };
  }

  private static Decision create(Absent state, Create create) {
    DecisionBuilder draft = new DecisionBuilder(state);
    draft.happened(
        new Event.SessionCreated(create.key(), create.incarnation(), create.title(), create.at()));
    return draft.decision(new Reply.Done());
  }

  private static Decision missing(SessionKey key, SessionState state, Command command) {
    return switch (command) {
      case Create _,
          Send _,
          Regenerate _,
          Interrupt _,
          Dequeue _,
          Approve _,
          Rename _,
          Touch _,
          Delete _ ->
          new Decision.Refused(new Refusal.SessionNotFound(key));
      case AgentOutput _, AgentDone _, AgentFailed _ -> nothing(state);
      case Recover _, NodeStops _, RenewIncarnation _ -> nothing(state);
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
        turns.start(draft, send.message(), send.newTurn(), send.at());
        yield draft.decision(
            new Reply.Started(send.message().id(), send.newTurn().turnId(), false));
      }
      case Regenerate again -> regenerate(state, again);
      case Interrupt _ -> answer(state, new Reply.Interrupted(null, null));
      case Approve _ -> answer(state, new Reply.Acknowledged(false));
      case Dequeue dequeue -> dequeue(state, dequeue);
      case Rename rename -> rename(state, rename);
      case Touch touch -> touch(state, touch);
      case RenewIncarnation renew -> renew(state, renew);
      case Delete delete -> delete(new DecisionBuilder(state), delete);
      case AgentOutput _, AgentDone _, AgentFailed _, NodeStops _ -> nothing(state);
      case Recover recover -> {
        DecisionBuilder draft = new DecisionBuilder(state);
        turns.startNext(draft, recover.newTurn(), recover.at());
        yield draft.decision(new Reply.Done());
      }
    };
  }

  private Decision streaming(Streaming state, Command command) {
    return switch (command) {
      case Create create -> new Decision.Refused(new Refusal.SessionExists(create.key()));
      case Send send -> sendWhileStreaming(state, send);
      case Regenerate again -> regenerate(state, again);
      case Interrupt interrupt -> interrupt(state, interrupt);
      case Approve approve -> Turns.approve(state, approve);
      case Dequeue dequeue -> dequeue(state, dequeue);
      case Rename rename -> rename(state, rename);
      case Touch touch -> touch(state, touch);
      case RenewIncarnation renew -> renew(state, renew);
      case Delete delete -> {
        DecisionBuilder draft = new DecisionBuilder(state);
        turns.interrupt(draft, Event.TurnOutcome.Interrupted.DELETED, false, delete.at());
        yield delete(draft, delete);
      }
      case AgentOutput output ->
          isRunning(state, output.turnId()) ? turns.say(state, output) : nothing(state);
      case AgentDone done ->
          isRunning(state, done.turnId()) ? turns.complete(state, done) : nothing(state);
      case AgentFailed failed ->
          isRunning(state, failed.turnId()) ? turns.fail(state, failed) : nothing(state);
      case Recover recover -> recover(state, recover);
      case NodeStops stops -> {
        DecisionBuilder draft = new DecisionBuilder(state);
        turns.interrupt(draft, Event.TurnOutcome.Interrupted.NODE_STOPPED, false, stops.at());
        yield draft.decision(new Reply.Done());
      }
    };
  }

  private Decision interrupt(Streaming state, Interrupt interrupt) {
    if (interrupt.turnId() != null && !isRunning(state, interrupt.turnId())) {
      return answer(state, new Reply.Interrupted(null, null));
    }
    DecisionBuilder draft = new DecisionBuilder(state);
    turns.interrupt(draft, INTERRUPTED, interrupt.discard(), interrupt.at());
    long stopped = draft.frameSeq();
    turns.startNext(draft, interrupt.newTurn(), interrupt.at());
    return draft.decision(new Reply.Interrupted(state.turn().turnId(), stopped));
  }

  /// A turn goes on as long as it says something between two losses of its node, or waits for
  /// somebody, and begins anew once: one that takes its node down every time is given up.
  private Decision recover(Streaming state, Recover recover) {
    DecisionBuilder draft = new DecisionBuilder(state);
    boolean goesOn = recover.cut() == Command.Cut.GOES_ON && state.turn().mayGoOn();
    if (goesOn) {
      draft.happened(
          new Event.TurnResumed(
              state.turn().turnId(), state.turn().output().bytes(), recover.at()));
    } else if (recover.cut() == Command.Cut.BEGINS_ANEW && !state.turn().wasResumed()) {
      turns.beginAnew(draft, recover);
    } else {
      turns.interrupt(draft, Event.TurnOutcome.Interrupted.NODE_LOST, false, recover.at());
      turns.startNext(draft, recover.newTurn(), recover.at());
    }
    return draft.decision(new Reply.Done());
  }

  private Decision regenerate(Present state, Regenerate again) {
    SendReceipt earlier = earlier(state, again.clientMessageId(), again.earlier());
    if (earlier != null) {
      return earlier.turnId() == null
          ? new Decision.Refused(
              new Refusal.InvalidRequest("A send has that name.", "clientMessageId"))
          : answer(state, new Reply.Started(earlier.messageId(), earlier.turnId(), true));
    }
    Target target = again.target();
    if (target == null) {
      return new Decision.Refused(
          new Refusal.InvalidRequest("History has no such message of the user.", "messageId"));
    }
    UserMessage edited = again.edited();
    if (target.discarded() && edited == null) {
      return new Decision.Refused(
          new Refusal.InvalidRequest("That message has left history.", "messageId"));
    }
    DecisionBuilder draft = new DecisionBuilder(state);
    if (state instanceof Streaming) {
      turns.interrupt(draft, INTERRUPTED, true, again.at());
    }
    turns.regenerate(draft, target, again);
    return draft.decision(
        new Reply.Started(
            edited == null ? target.message().id() : edited.id(), again.newTurn().turnId(), false));
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
        turns.interrupt(draft, INTERRUPTED, discard, send.at());
        turns.start(draft, send.message(), send.newTurn(), send.at());
        yield draft.decision(
            new Reply.Started(send.message().id(), send.newTurn().turnId(), false));
      }
    };
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

  /// The same name again changes nothing and asks for no commit.
  private static Decision rename(Present state, Rename rename) {
    DecisionBuilder draft = new DecisionBuilder(state);
    if (!rename.title().equals(state.core().title())) {
      draft.happened(
          new Event.SessionRenamed(rename.title(), rename.at()),
          new Frame.SessionRenamed(rename.title()));
    }
    return draft.decision(new Reply.Done());
  }

  private static Decision touch(Present state, Touch touch) {
    DecisionBuilder draft = new DecisionBuilder(state);
    draft.happened(new Event.SessionTouched(touch.at()));
    return draft.decision(new Reply.Done());
  }

  private static Decision renew(Present state, RenewIncarnation renew) {
    DecisionBuilder draft = new DecisionBuilder(state);
    draft.happened(new Event.IncarnationRenewed(renew.incarnation(), renew.at()));
    return draft.decision(new Reply.Done());
  }

  private static Decision delete(DecisionBuilder draft, Delete delete) {
    draft.happened(
        new Event.SessionDeleted(delete.at()), new Frame.SessionDeleted(draft.core().key()));
    return draft.decision(new Reply.Done());
  }

  private static @Nullable SendReceipt earlier(Present state, Send send) {
    return earlier(state, send.message().clientMessageId(), send.earlier());
  }

  private static @Nullable SendReceipt earlier(
      Present state, @Nullable ClientMessageId id, @Nullable SendReceipt lookedUp) {
    SendReceipt remembered = state.core().receipt(id);
    return remembered == null ? lookedUp : remembered;
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
