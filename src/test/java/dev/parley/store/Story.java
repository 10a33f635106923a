package dev.parley.store;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.FinishReason;
import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.content.Usage;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command;
import dev.parley.session.Command.NewTurn;
import dev.parley.session.Command.Regenerate;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Decision;
import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.Decision.NumberedFrame;
import dev.parley.session.Effect;
import dev.parley.session.Incarnation;
import dev.parley.session.Refusal;
import dev.parley.session.SessionDecider;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One session as its owner would write it: decides commands on the state it believes in and makes
/// appends of them. Every name and time is counted, none is random.
final class Story {
  private static final Instant BEGIN = Instant.parse("2030-01-01T00:00:00Z");
  private static final SessionDecider DECIDER =
      new SessionDecider(new SessionDecider.Limits(8, 1 << 20, 4096), _ -> true);

  private final SessionKey key;
  private final long sid;
  private long epoch;
  private SessionState state = new SessionState.Absent();
  private final List<NumberedEvent> history = new ArrayList<>();
  private @Nullable JsonText checkpoint;
  private int count;

  Story(SessionKey key, long sid, long epoch) {
    this.key = key;
    this.sid = sid;
    this.epoch = epoch;
  }

  SessionKey key() {
    return key;
  }

  long sid() {
    return sid;
  }

  long epoch() {
    return epoch;
  }

  SessionState state() {
    return state;
  }

  void ownedUnder(long epoch) {
    this.epoch = epoch;
  }

  /// Goes back to a state: what an owner does whose append was not applied.
  void believe(SessionState truth) {
    state = truth;
  }

  /// The append of all that follows from the commands; from here on the story believes in it.
  Append next(Command... commands) {
    return next(List.of(), false, commands);
  }

  Append nextWithSnapshot(Command... commands) {
    return next(List.of(), true, commands);
  }

  Append next(List<Effect> effects, boolean snapshot, Command... commands) {
    List<NumberedEvent> events = new ArrayList<>();
    List<NumberedFrame> frames = new ArrayList<>();
    SessionState before = state;
    for (Command command : commands) {
      switch (DECIDER.decide(key, state, command)) {
        case Decision.Accepted accepted -> {
          events.addAll(accepted.events());
          frames.addAll(accepted.frames());
          state = accepted.after();
          history.addAll(accepted.events());
          checkpoint =
              switch (accepted.checkpoint()) {
                case Decision.Checkpoint.Same _ -> checkpoint;
                case Decision.Checkpoint.None _ -> null;
                case Decision.Checkpoint.Of given -> given.json();
              };
        }
        case Decision.Refused refused -> throw new AssertionError(refused.refusal().toString());
      }
    }
    return new Append(
        sid,
        epoch,
        new UUID(sid, (epoch << 32) + ++count),
        before,
        state,
        events,
        frames,
        effects,
        snapshot,
        snapshot ? checkpoint : null,
        null);
  }

  /// As [#next], for commands that may be refused: those change nothing.
  Append nextOfAccepted(boolean snapshot, List<Command> commands) {
    List<Command> accepted = new ArrayList<>();
    SessionState at = state;
    for (Command command : commands) {
      if (DECIDER.decide(key, at, command) instanceof Decision.Accepted decision) {
        accepted.add(command);
        at = decision.after();
      }
    }
    return next(List.of(), snapshot, accepted.toArray(Command[]::new));
  }

  Command create(@Nullable String title) {
    return new Command.Create(key, new Incarnation("i" + ++count), title, now());
  }

  Command send(String text) {
    return send(text, WhenBusy.QUEUE, null);
  }

  Command send(String text, WhenBusy whenBusy, @Nullable String clientMessageId) {
    MessageId id = new MessageId("m" + ++count);
    return new Command.Send(
        new UserMessage(
            id,
            text,
            null,
            clientMessageId == null ? null : new ClientMessageId(clientMessageId),
            now()),
        whenBusy,
        null,
        newTurn());
  }

  /// The agent of the running turn says these words.
  Command say(String... words) {
    return say(
        Arrays.stream(words)
            .<ChatStreamEvent.Content>map(word -> new ChatStreamEvent.TextDelta("1", word))
            .toList());
  }

  Command say(List<ChatStreamEvent.Content> said) {
    return new Command.AgentOutput(turnId(), said, null, newTurn(), now());
  }

  /// It is told that the running turn has cost that much so far.
  Command spend(int tokens) {
    return new Command.AgentOutput(turnId(), List.of(), Usage.of(tokens, 1), newTurn(), now());
  }

  Command done() {
    return new Command.AgentDone(
        turnId(),
        FinishReason.STOP,
        Usage.of(3, 5),
        "demo-1",
        new JsonText("{\"turns\":" + count + "}"),
        newTurn(),
        now());
  }

  Command fail() {
    return new Command.AgentFailed(
        turnId(), Refusal.Code.AGENT_ERROR, "it broke", true, newTurn(), now());
  }

  Command interrupt(boolean discard) {
    return new Command.Interrupt(null, discard, newTurn(), now());
  }

  Command dequeue(MessageId id) {
    return new Command.Dequeue(id, now());
  }

  Command rename(String title) {
    return new Command.Rename(title, now());
  }

  Command touch() {
    return new Command.Touch(now());
  }

  Command delete() {
    return new Command.Delete(now());
  }

  /// Answers the message at that place among the user's again.
  Command regenerate(int place, boolean edited, @Nullable String clientMessageId) {
    List<Regenerate.Target> targets = targets();
    ClientMessageId client = clientMessageId == null ? null : new ClientMessageId(clientMessageId);
    Instant at = now();
    return new Regenerate(
        null,
        targets.isEmpty() ? null : targets.get(place % targets.size()),
        edited ? new UserMessage(new MessageId("m" + ++count), "edited", null, client, at) : null,
        client,
        null,
        newTurn(),
        at);
  }

  /// The messages of the user, as history has them.
  private List<Regenerate.Target> targets() {
    return Projection.of(new SessionState.Absent(), history).messages().stream()
        .filter(row -> row.role().equals("user"))
        .map(row ->
            SessionFold.target(
                row.id().value(),
                history.get((int) row.eventSeq() - 1).event(),
                row.ord(),
                row.discarded()))
        .toList();
  }

  /// The turn goes on after the loss of its node.
  Command goOn() {
    return new Command.Recover(Command.Cut.GOES_ON, newTurn(), now());
  }

  Command renew() {
    return new Command.RenewIncarnation(new Incarnation("i" + ++count), now());
  }

  Command recover() {
    return new Command.Recover(Command.Cut.ENDS, newTurn(), now());
  }

  /// The running turn; without one a name that no turn has.
  private TurnId turnId() {
    return state instanceof SessionState.Streaming streaming
        ? streaming.turn().turnId()
        : new TurnId("none");
  }

  private NewTurn newTurn() {
    count++;
    return new NewTurn(new TurnId("t" + count), new MessageId("a" + count));
  }

  private Instant now() {
    return BEGIN.plusSeconds(++count);
  }
}
