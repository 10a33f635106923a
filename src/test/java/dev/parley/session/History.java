package dev.parley.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.FinishReason;
import dev.parley.content.MessageId;
import dev.parley.content.Usage;
import dev.parley.session.Command.NewTurn;
import dev.parley.session.Command.Regenerate.Target;
import dev.parley.session.Command.Send;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Decision.Accepted;
import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.Decision.NumberedFrame;
import dev.parley.session.SessionDecider.Limits;
import dev.parley.session.SessionState.Absent;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A session living through random actions: what it decided, and everything stored on the way.
final class History {
  static final Limits LIMITS = new Limits(3, 10_000, 400);
  private static final SessionKey KEY = new SessionKey("ann", "demo", "thread");
  private static final Instant BEGIN = Instant.parse("2030-01-01T00:00:00Z");

  /// Something that somebody does, in terms that mean something in any state.
  sealed interface Action {
    record Create() implements Action {}

    record SendNew(WhenBusy whenBusy, boolean named) implements Action {}

    /// The send of that place among those accepted is repeated.
    record SendAgain(int place, WhenBusy whenBusy) implements Action {}

    record Interrupt(Whose whose, boolean discard) implements Action {}

    /// The waiting message of that place is taken out, or one that does not wait.
    record Dequeue(int place) implements Action {}

    record Output(Whose whose, List<Content> said) implements Action {}

    record Done(Whose whose) implements Action {}

    record Fail(Whose whose) implements Action {}

    record Recover(boolean goOn) implements Action {}

    record Renew() implements Action {}

    /// The node stops, and another one takes the session up.
    record Restart() implements Action {}

    record Rename(int title) implements Action {}

    record Touch() implements Action {}

    record Delete() implements Action {}

    /// The user's message of that place is answered again, or edited; of a call that names itself,
    /// a repetition is one of those before.
    record Regenerate(int place, boolean edited, boolean named) implements Action {}
  }

  /// Which turn an action names.
  enum Whose {
    RUNNING,
    EARLIER,
    NONE
  }

  final List<NumberedEvent> events = new ArrayList<>();
  final List<NumberedFrame> frames = new ArrayList<>();
  final List<SessionState> states = new ArrayList<>(List.of(new Absent()));

  private final SessionDecider decider = new SessionDecider(LIMITS, _ -> true);
  private final Map<ClientMessageId, Reply> answered = new LinkedHashMap<>();
  private int count;

  SessionState state() {
    return states.getLast();
  }

  void act(Action action) {
    act(command(action));
    if (action instanceof Action.Restart) {
      // between the two there is nobody who could want anything of the session
      int between = states.size() - 1;
      act(command(new Action.Recover(true)));
      if (between > 0 && states.size() > between + 1) {
        states.remove(between);
      }
    }
  }

  private void act(Command command) {
    SessionState before = state();
    Decision decision = decider.decide(KEY, before, command);
    assertThat(decider.decide(KEY, before, command)).as("pure").isEqualTo(decision);
    if (decision instanceof Accepted accepted) {
      isNumberedOn(before, accepted);
      assertThat(Folds.fold(before, accepted.events(), accepted.frames()))
          .as("the fold of events and frames")
          .isEqualTo(accepted.after());
      if (command instanceof Send send) {
        check(before, send, accepted);
      }
      if (isOfAnotherTurn(before, command)) {
        assertThat(accepted.after()).as("a stopped agent is not heard").isEqualTo(before);
      }
      events.addAll(accepted.events());
      frames.addAll(accepted.frames());
      states.add(accepted.after());
    }
  }

  /// A send that names itself changes nothing from the second time on and gets the same answer.
  private void check(SessionState before, Send send, Accepted accepted) {
    ClientMessageId id = send.message().clientMessageId();
    if (id == null) {
      return;
    }
    Reply first = answered.get(id);
    if (first == null) {
      answered.put(id, accepted.reply());
      return;
    }
    assertThat(accepted.events()).isEmpty();
    assertThat(accepted.frames()).isEmpty();
    assertThat(accepted.after()).isEqualTo(before);
    switch (first) {
      case Reply.Started started ->
          assertThat(accepted.reply())
              .isEqualTo(new Reply.Started(started.messageId(), started.turnId(), true));
      case Reply.Queued queued ->
          assertThat(accepted.reply())
              .isInstanceOfSatisfying(
                  Reply.Queued.class,
                  again -> {
                    assertThat(again.duplicate()).isTrue();
                    assertThat(again.message().id()).isEqualTo(queued.message().id());
                  });
      case Reply.Done _, Reply.Interrupted _, Reply.Dequeued _, Reply.Acknowledged _ ->
          throw new AssertionError("a send is not answered so");
    }
  }

  /// Now and then it is known what a turn has cost so far.
  private static @Nullable Usage spent(Instant at) {
    long second = at.getEpochSecond();
    return second % 3 == 0 ? Usage.of(second, 1) : null;
  }

  private static boolean isOfAnotherTurn(SessionState state, Command command) {
    TurnId meant =
        switch (command) {
          case Command.AgentOutput output -> output.turnId();
          case Command.AgentDone done -> done.turnId();
          case Command.AgentFailed failed -> failed.turnId();
          case Command.Interrupt interrupt -> interrupt.turnId();
          case Command.Create _, Send _, Command.Dequeue _, Command.Approve _, Command.Recover _ ->
              null;
          case Command.NodeStops _, Command.RenewIncarnation _ -> null;
          case Command.Regenerate _, Command.Rename _, Command.Touch _, Command.Delete _ -> null;
        };
    return meant != null
        && !(state instanceof Streaming streaming && streaming.turn().turnId().equals(meant));
  }

  private static void isNumberedOn(SessionState before, Accepted accepted) {
    long event = before.eventSeq();
    long frameHead = before.frameSeq();
    for (NumberedEvent numbered : accepted.events()) {
      assertThat(numbered.seq()).isEqualTo(++event);
      assertThat(numbered.frameSeq()).isGreaterThanOrEqualTo(frameHead);
      frameHead = numbered.frameSeq();
    }
    long frame = before.frameSeq();
    for (NumberedFrame numbered : accepted.frames()) {
      assertThat(numbered.seq()).isEqualTo(++frame);
    }
    assertThat(frameHead).isLessThanOrEqualTo(frame);
    assertThat(accepted.after().eventSeq()).isEqualTo(event);
    assertThat(accepted.after().frameSeq()).isEqualTo(frame);
  }

  private Command command(Action action) {
    count++;
    Instant at = BEGIN.plusSeconds(count);
    NewTurn newTurn = new NewTurn(new TurnId("turn" + count), new MessageId("a" + count));
    return switch (action) {
      case Action.Create _ -> new Command.Create(KEY, new Incarnation("life" + count), null, at);
      case Action.SendNew send ->
          send(send.named() ? new ClientMessageId("c" + count) : null, send.whenBusy(), newTurn);
      case Action.SendAgain send -> {
        List<ClientMessageId> known = List.copyOf(answered.keySet());
        ClientMessageId id = known.isEmpty() ? null : known.get(send.place() % known.size());
        yield send(id, send.whenBusy(), newTurn);
      }
      case Action.Interrupt interrupt ->
          new Command.Interrupt(turn(interrupt.whose()), interrupt.discard(), newTurn, at);
      case Action.Dequeue dequeue -> new Command.Dequeue(waiting(dequeue.place()), at);
      case Action.Output output ->
          new Command.AgentOutput(someTurn(output.whose()), output.said(), spent(at), newTurn, at);
      case Action.Done done ->
          new Command.AgentDone(
              someTurn(done.whose()),
              FinishReason.STOP,
              Usage.of(1, 2),
              "model",
              null,
              newTurn,
              at);
      case Action.Fail fail ->
          new Command.AgentFailed(
              someTurn(fail.whose()), Refusal.Code.AGENT_ERROR, "broke", false, newTurn, at);
      case Action.Recover recover ->
          new Command.Recover(recover.goOn() ? Command.Cut.GOES_ON : Command.Cut.ENDS, newTurn, at);
      case Action.Renew _ -> new Command.RenewIncarnation(new Incarnation("renewed" + count), at);
      case Action.Restart _ -> new Command.NodeStops(at);
      case Action.Rename rename -> new Command.Rename("title" + rename.title(), at);
      case Action.Touch _ -> new Command.Touch(at);
      case Action.Delete _ -> new Command.Delete(at);
      case Action.Regenerate again -> regenerate(again, newTurn, at);
    };
  }

  private Command send(@Nullable ClientMessageId id, WhenBusy whenBusy, NewTurn newTurn) {
    UserMessage message =
        new UserMessage(new MessageId("m" + count), "text", null, id, BEGIN.plusSeconds(count));
    return new Send(message, whenBusy, null, newTurn);
  }

  private Command regenerate(Action.Regenerate again, NewTurn newTurn, Instant at) {
    List<Target> targets = targets();
    Target target = targets.isEmpty() ? null : targets.get(again.place() % targets.size());
    ClientMessageId id = again.named() ? new ClientMessageId("r" + count) : null;
    UserMessage edited =
        again.edited() ? new UserMessage(new MessageId("m" + count), "edited", null, id, at) : null;
    return new Command.Regenerate(
        target == null ? null : target.message().id(), target, edited, id, null, newTurn, at);
  }

  /// The user's messages that ever were in history, with their places, told from the events alone.
  List<Target> targets() {
    List<Target> targets = new ArrayList<>();
    Map<MessageId, UserMessage> queued = new LinkedHashMap<>();
    long ord = 0;
    for (NumberedEvent numbered : events) {
      switch (numbered.event()) {
        case Event.TurnStarted started -> targets.add(new Target(started.message(), ++ord, false));
        case Event.MessageQueued waits -> queued.put(waits.message().id(), waits.message());
        case Event.QueuedTurnStarted started ->
            targets.add(
                new Target(Objects.requireNonNull(queued.get(started.messageId())), ++ord, false));
        case Event.TurnEnded ended -> ord += ended.answer().isEmpty() ? 0 : 1;
        case Event.MessagesDiscarded left ->
            targets.replaceAll(
                t -> new Target(t.message(), t.ord(), t.discarded() || t.ord() >= left.fromOrd()));
        case Event.SessionCreated _, Event.MessageRemoved _, Event.TurnRegenerated _ -> {}
        case Event.TurnResumed _, Event.TurnSpent _, Event.SessionRenamed _ -> {}
        case Event.SessionTouched _, Event.SessionDeleted _, Event.IncarnationRenewed _ -> {}
      }
    }
    return targets;
  }

  private MessageId waiting(int place) {
    return state() instanceof Present present && place < present.core().queue().size()
        ? present.core().queue().get(place).message().id()
        : new MessageId("unknown");
  }

  private @Nullable TurnId turn(Whose whose) {
    return switch (whose) {
      case RUNNING ->
          state() instanceof Streaming streaming ? streaming.turn().turnId() : earlier();
      case EARLIER -> earlier();
      case NONE -> null;
    };
  }

  private TurnId someTurn(Whose whose) {
    return Objects.requireNonNullElse(turn(whose), new TurnId("unknown"));
  }

  /// The turn that ended last.
  private TurnId earlier() {
    return events.reversed().stream()
        .map(NumberedEvent::event)
        .filter(Event.TurnEnded.class::isInstance)
        .map(event -> ((Event.TurnEnded) event).turnId())
        .findFirst()
        .orElse(new TurnId("unknown"));
  }
}
