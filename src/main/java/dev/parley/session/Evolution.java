package dev.parley.session;

import dev.parley.content.MessageId;
import dev.parley.content.TurnOutput;
import dev.parley.content.Usage;
import dev.parley.session.SessionState.Absent;
import dev.parley.session.SessionState.Core;
import dev.parley.session.SessionState.Deleted;
import dev.parley.session.SessionState.Idle;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.RunningTurn;
import dev.parley.session.SessionState.Streaming;
import dev.parley.session.SessionState.Waiting;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;

/// How events change a state. Refuses nothing that a decision of any version recorded; an event
/// that no history can hold at this place is a broken promise and throws.
final class Evolution {
  private Evolution() {}

  static SessionState apply(SessionState state, Event event, long frameSeq) {
    return switch (state) {
      case Absent _ ->
          event instanceof Event.SessionCreated created
              ? new Idle(born(created, frameSeq))
              : impossible(state, event);
      case Idle idle -> idle(idle, event, frameSeq);
      case Streaming streaming -> streaming(streaming, event, frameSeq);
      case Deleted _ -> impossible(state, event);
    };
  }

  private static SessionState idle(Idle idle, Event event, long frameSeq) {
    Core core = next(idle, event, frameSeq);
    return switch (event) {
      case Event.TurnStarted started -> start(core, started);
      case Event.QueuedTurnStarted started -> start(core, started);
      case Event.TurnRegenerated again -> start(core, again);
      case Event.MessagesDiscarded _ -> new Idle(core.withNewest(null, null));
      case Event.MessageQueued queued -> new Idle(queue(core, queued));
      case Event.MessageRemoved removed -> new Idle(core.dequeue(removed.messageId()));
      case Event.SessionRenamed renamed -> new Idle(core.renamed(renamed.title()));
      case Event.SessionTouched _ -> new Idle(core);
      case Event.IncarnationRenewed renewed -> new Idle(core.renewed(renewed.incarnation()));
      case Event.SessionDeleted deleted ->
          new Deleted(deleted.at(), core.eventSeq(), core.frameSeq());
      case Event.SessionCreated _, Event.TurnResumed _, Event.TurnSpent _, Event.TurnEnded _ ->
          impossible(idle, event);
    };
  }

  private static SessionState streaming(Streaming streaming, Event event, long frameSeq) {
    Core core = next(streaming, event, frameSeq);
    RunningTurn turn = streaming.turn();
    return switch (event) {
      case Event.MessageQueued queued -> new Streaming(queue(core, queued), turn);
      case Event.MessageRemoved removed -> new Streaming(core.dequeue(removed.messageId()), turn);
      case Event.SessionRenamed renamed -> new Streaming(core.renamed(renamed.title()), turn);
      case Event.SessionTouched _ -> new Streaming(core, turn);
      case Event.IncarnationRenewed renewed ->
          new Streaming(core.renewed(renewed.incarnation()), turn);
      case Event.TurnResumed resumed -> new Streaming(core, turn.resumed(resumed.saidBytes()));
      case Event.TurnSpent spent -> new Streaming(core, turn.spent(spent.usage()));
      case Event.TurnEnded ended -> new Idle(end(core, ended));
      case Event.SessionCreated _,
          Event.TurnStarted _,
          Event.QueuedTurnStarted _,
          Event.TurnRegenerated _,
          Event.MessagesDiscarded _,
          Event.SessionDeleted _ ->
          impossible(streaming, event);
    };
  }

  private static Core born(Event.SessionCreated created, long frameSeq) {
    return new Core(
        created.key(),
        created.incarnation(),
        created.title(),
        null,
        Usage.NONE,
        created.at(),
        created.at(),
        List.of(),
        0,
        null,
        null,
        new LinkedHashMap<>(),
        false,
        1,
        frameSeq);
  }

  private static Core next(Present state, Event event, long frameSeq) {
    Core core = state.core().withHeads(state.eventSeq() + 1, frameSeq);
    return event instanceof Event.IncarnationRenewed ? core : core.active(event.at());
  }

  private static Core queue(Core core, Event.MessageQueued queued) {
    UserMessage message = queued.message();
    return core.enqueue(new Waiting(message, core.eventSeq()), queued.first())
        .remember(message.clientMessageId(), new SendReceipt(message.id(), null, message.at()));
  }

  private static Streaming start(Core core, Event.TurnStarted started) {
    UserMessage message = started.message();
    Core after =
        core.withMessage(message.id(), message.at(), false)
            .remember(
                message.clientMessageId(),
                new SendReceipt(message.id(), started.turnId(), message.at()));
    return running(after, started.turnId(), started.answerId(), message, started.at());
  }

  private static Streaming start(Core core, Event.QueuedTurnStarted started) {
    Waiting waiting = core.waiting(started.messageId());
    if (waiting == null) {
      throw new IllegalStateException("the message that starts is not in the queue");
    }
    UserMessage message = waiting.message();
    Core after = core.dequeue(message.id()).withMessage(message.id(), message.at(), false);
    return running(after, started.turnId(), started.answerId(), message, started.at());
  }

  private static Streaming start(Core core, Event.TurnRegenerated again) {
    UserMessage message = again.message();
    Core after =
        core.withNewest(message.id(), message.at())
            .remember(
                again.clientMessageId(), new SendReceipt(message.id(), again.turnId(), again.at()));
    return running(after, again.turnId(), again.answerId(), message, again.at());
  }

  private static Streaming running(
      Core core, TurnId turnId, MessageId answerId, UserMessage message, Instant at) {
    return new Streaming(
        core,
        new RunningTurn(
            turnId,
            answerId,
            message,
            at,
            core.frameSeq(),
            RunningTurn.NEVER_RESUMED,
            Usage.NONE,
            TurnOutput.EMPTY));
  }

  private static Core end(Core core, Event.TurnEnded ended) {
    Core after = core.spent(ended.usage(), ended.model());
    return ended.answer().isEmpty()
        ? after
        : after.withMessage(ended.answerId(), ended.at(), ended.discarded());
  }

  private static SessionState impossible(SessionState state, Event event) {
    throw new IllegalStateException(
        event.getClass().getSimpleName() + " cannot follow in " + state.getClass().getSimpleName());
  }
}
