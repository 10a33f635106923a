package dev.parley.session;

import static dev.parley.session.SessionSpec.KEY;
import static dev.parley.session.SessionSpec.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.FinishReason;
import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.content.MessagePart;
import dev.parley.content.Usage;
import dev.parley.session.Command.NewTurn;
import dev.parley.session.Command.Regenerate;
import dev.parley.session.Command.Regenerate.Target;
import dev.parley.session.Decision.Accepted;
import dev.parley.session.Decision.Checkpoint;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What a session does beside answering one message after another: answering again (requirement
/// T9), names, activity and deletion (K2, S7), going on after a crash (A4), and what follows from a
/// completed turn (E3, O1).
class WholeSessionTest {
  private static final Instant BEGIN = Instant.parse("2030-01-01T00:00:00Z");
  private static final SessionKey ANNOUNCED = new SessionKey("ann", "herald", "thread");
  private static final TurnOutcome COMPLETED = new TurnOutcome.Completed(FinishReason.STOP);
  private static final TurnOutcome INTERRUPTED = new TurnOutcome.Interrupted("interrupted");
  private static final Reply DONE = new Reply.Done();

  @Nested
  class Regenerating {
    @Test
    void answersAMessageAgainAndDiscardsWhatCameAfterIt() {
      given(created(), started(1), answered(1), started(2), answered(2))
          .when(regenerate(target(1, 1), null, "again"))
          .then(
              new Event.MessagesDiscarded(id(1), false, 2, at(9)),
              new Event.TurnRegenerated(turn(9), answer(9), message(1), client("again"), at(9)))
          .telling(
              new Frame.MessagesDiscarded(id(1), false),
              new Frame.UserMessage(message(1)),
              new Frame.SessionStarted(turn(9), id(1), at(9)),
              told(9, new ChatStreamEvent.Start(answer(9))))
          .answering(new Reply.Started(id(1), turn(9), false));
    }

    @Test
    void putsAnEditedMessageInThePlaceOfTheOldOne() {
      UserMessage edited = new UserMessage(id(7), "better", null, client("edit"), at(9));
      given(created(), started(1), answered(1))
          .when(regenerate(target(1, 1), edited, "edit"))
          .then(
              new Event.MessagesDiscarded(id(1), true, 1, at(9)),
              new Event.TurnStarted(turn(9), answer(9), edited, at(9)))
          .telling(
              new Frame.MessagesDiscarded(id(1), true),
              new Frame.UserMessage(edited),
              new Frame.SessionStarted(turn(9), id(7), at(9)),
              told(9, new ChatStreamEvent.Start(answer(9))))
          .answering(new Reply.Started(id(7), turn(9), false));
    }

    @Test
    void makesTheMessageThatIsAnsweredAgainTheNewestOfHistory() {
      SessionState after =
          given(created(), started(1), answered(1), started(2), answered(2))
              .when(regenerate(target(1, 1), null, null))
              .then(
                  new Event.MessagesDiscarded(id(1), false, 2, at(9)),
                  new Event.TurnRegenerated(turn(9), answer(9), message(1), null, at(9)))
              .after();
      assertThat(((Present) after).core().lastMessageId()).isEqualTo(id(1));
      assertThat(((Present) after).core().lastMessageAt()).isEqualTo(at(1));
      assertThat(((Present) after).core().messageCount()).isEqualTo(4);
    }

    @Test
    void stopsAndDiscardsTheRunningTurnFirst() {
      given(created(), started(1), answered(1), started(2))
          .saying(text("half"))
          .when(regenerate(target(1, 1), null, null))
          .then(
              new Event.TurnEnded(
                  turn(2),
                  answer(2),
                  INTERRUPTED,
                  List.of(new MessagePart.Text("half")),
                  true,
                  Usage.NONE,
                  null,
                  at(9)),
              new Event.MessagesDiscarded(id(1), false, 2, at(9)),
              new Event.TurnRegenerated(turn(9), answer(9), message(1), null, at(9)));
    }

    @Test
    void stopsTheTurnThatAnswersTheVeryMessage() {
      given(created(), started(1), answered(1), started(2))
          .when(new Regenerate(null, target(2, 3), null, null, null, newTurn(9), at(9)))
          .then(
              stopped(2),
              new Event.MessagesDiscarded(id(2), false, 4, at(9)),
              new Event.TurnRegenerated(turn(9), answer(9), message(2), null, at(9)));
    }

    @Test
    void takesAwayAnEditedMessageThatIsJustAnsweredAgain() {
      given(
              created(),
              started(1),
              answered(1),
              new Event.MessagesDiscarded(id(1), false, 2, at(5)),
              new Event.TurnRegenerated(turn(5), answer(5), message(1), null, at(5)))
          .when(regenerate(target(1, 1), message(9), null))
          .then(
              stopped(5),
              new Event.MessagesDiscarded(id(1), true, 1, at(9)),
              new Event.TurnStarted(turn(9), answer(9), message(9), at(9)));
    }

    @Test
    void leavesTheQueueInItsPlace() {
      SessionState after =
          given(created(), started(1), new Event.MessageQueued(message(2), false))
              .when(new Regenerate(id(1), target(1, 1), null, null, null, newTurn(9), at(9)))
              .then(
                  stopped(1),
                  new Event.MessagesDiscarded(id(1), false, 2, at(9)),
                  new Event.TurnRegenerated(turn(9), answer(9), message(1), null, at(9)))
              .after();
      assertThat(((Present) after).core().queue()).hasSize(1);
    }

    @Test
    void refusesAMessageThatHistoryDoesNotHave() {
      Refusal unknown =
          new Refusal.InvalidRequest("History has no such message of the user.", "messageId");
      given(created(), started(1), answered(1))
          .when(new Regenerate(id(5), null, null, null, null, newTurn(9), at(9)))
          .thenRefused(unknown);
      given(created())
          .when(new Regenerate(null, null, null, null, null, newTurn(9), at(9)))
          .thenRefused(unknown);
    }

    @Test
    void editsADiscardedMessageAndRefusesToAnswerItAgain() {
      Target gone = new Target(message(1), 1, true);
      given(created(), started(1), answered(1))
          .when(regenerate(gone, null, null))
          .thenRefused(new Refusal.InvalidRequest("That message has left history.", "messageId"));
      UserMessage edited = new UserMessage(id(7), "better", null, null, at(9));
      given(created(), started(1), answered(1))
          .when(regenerate(gone, edited, null))
          .then(
              new Event.MessagesDiscarded(id(1), true, 1, at(9)),
              new Event.TurnStarted(turn(9), answer(9), edited, at(9)));
    }

    @Test
    void givesTheSameCallTheSameAnswer() {
      SessionState after =
          given(created(), started(1), answered(1))
              .when(regenerate(target(1, 1), null, "again"))
              .then(
                  new Event.MessagesDiscarded(id(1), false, 2, at(9)),
                  new Event.TurnRegenerated(turn(9), answer(9), message(1), client("again"), at(9)))
              .after();
      new SessionSpec.Given(after)
          .when(
              new Regenerate(id(1), target(1, 1), null, client("again"), null, newTurn(10), at(10)))
          .thenNothing(new Reply.Started(id(1), turn(9), true));
    }

    @Test
    void givesTheAnswerThatOnlyTheStoreRemembers() {
      given(created(), started(1), answered(1))
          .when(
              new Regenerate(
                  id(1),
                  target(1, 1),
                  null,
                  client("old"),
                  new SendReceipt(id(1), turn(4), at(4)),
                  newTurn(9),
                  at(9)))
          .thenNothing(new Reply.Started(id(1), turn(4), true));
    }

    @Test
    void refusesANameThatAQueuedSendHas() {
      UserMessage named = new UserMessage(id(2), "two", null, client("taken"), at(2));
      given(created(), started(1), new Event.MessageQueued(named, false))
          .when(regenerate(target(1, 1), null, "taken"))
          .thenRefused(new Refusal.InvalidRequest("A send has that name.", "clientMessageId"));
    }
  }

  @Nested
  class Deleting {
    @Test
    void endsAnIdleSession() {
      SessionState after =
          given(created(), started(1), answered(1))
              .when(new Command.Delete(at(9)))
              .then(new Event.SessionDeleted(at(9)))
              .telling(new Frame.SessionDeleted(KEY))
              .answering(DONE)
              .after();
      assertThat(after).isInstanceOf(SessionState.Deleted.class);
    }

    @Test
    void interruptsTheRunningTurnAndStartsNoOther() {
      given(created(), started(1), new Event.MessageQueued(message(2), false))
          .saying(text("half"))
          .when(new Command.Delete(at(9)))
          .then(
              new Event.TurnEnded(
                  turn(1),
                  answer(1),
                  new TurnOutcome.Interrupted("deleted"),
                  List.of(new MessagePart.Text("half")),
                  false,
                  Usage.NONE,
                  null,
                  at(9)),
              new Event.SessionDeleted(at(9)))
          .telling(
              told(1, new ChatStreamEvent.Abort("deleted")),
              new Frame.SessionStopped(turn(1), new TurnOutcome.Interrupted("deleted"), false),
              new Frame.SessionDeleted(KEY));
    }

    @Test
    void leavesNothingThatCanBeTalkedTo() {
      Refusal notFound = new Refusal.SessionNotFound(KEY);
      SessionSpec.Given deleted = given(created(), new Event.SessionDeleted(at(2)));
      deleted.when(new Command.Delete(at(9))).thenRefused(notFound);
      deleted.when(new Command.Touch(at(9))).thenRefused(notFound);
      deleted.when(new Command.Rename("t", at(9))).thenRefused(notFound);
      deleted.when(new Command.Dequeue(id(1), at(9))).thenRefused(notFound);
      deleted.when(new Command.Interrupt(null, false, newTurn(9), at(9))).thenRefused(notFound);
      deleted.when(regenerate(target(1, 1), null, null)).thenRefused(notFound);
      deleted
          .when(new Command.Send(message(3), Command.WhenBusy.QUEUE, null, newTurn(9)))
          .thenRefused(notFound);
      deleted
          .when(new Command.Create(KEY, new Incarnation("life2"), null, at(9)))
          .thenRefused(notFound);
    }

    @Test
    void hearsNoAgentAnyMore() {
      SessionSpec.Given deleted = given(created(), started(1), stopped(1), deleted());
      deleted
          .when(new Command.AgentOutput(turn(1), List.of(text("late")), null, newTurn(9), at(9)))
          .thenNothing(DONE);
      deleted.when(done(1, null)).thenNothing(DONE);
      deleted.when(new Command.Recover(Command.Cut.GOES_ON, newTurn(9), at(9))).thenNothing(DONE);
    }
  }

  @Nested
  class Naming {
    @Test
    void tellsTheNewTitle() {
      SessionState after =
          given(created())
              .when(new Command.Rename("Trip", at(9)))
              .then(new Event.SessionRenamed("Trip", at(9)))
              .telling(new Frame.SessionRenamed("Trip"))
              .answering(DONE)
              .after();
      assertThat(((Present) after).core().title()).isEqualTo("Trip");
    }

    @Test
    void doesNotDisturbTheRunningTurn() {
      SessionSpec.Given streaming = given(created(), started(1)).saying(text("half"));
      Streaming after =
          (Streaming)
              streaming
                  .when(new Command.Rename("Trip", at(9)))
                  .then(new Event.SessionRenamed("Trip", at(9)))
                  .after();
      assertThat(after.turn()).isEqualTo(((Streaming) streaming.state()).turn());
    }

    @Test
    void saysTheSameTitleOnce() {
      given(created(), new Event.SessionRenamed("Trip", at(2)))
          .when(new Command.Rename("Trip", at(9)))
          .thenNothing(DONE);
    }

    @Test
    void countsATouchAsActivityAndTellsNobody() {
      for (SessionSpec.Given present : List.of(given(created()), given(created(), started(1)))) {
        SessionState after =
            present
                .when(new Command.Touch(at(9)))
                .then(new Event.SessionTouched(at(9)))
                .telling()
                .answering(DONE)
                .after();
        assertThat(((Present) after).core().lastActivityAt()).isEqualTo(at(9));
      }
    }
  }

  @Nested
  class GoingOn {
    @Test
    void interruptsATurnWhoseAgentIsNotMeantToGoOn() {
      given(created(), started(1))
          .when(new Command.Recover(Command.Cut.ENDS, newTurn(9), at(9)))
          .then(
              new Event.TurnEnded(
                  turn(1),
                  answer(1),
                  new TurnOutcome.Interrupted("node lost"),
                  List.of(),
                  false,
                  Usage.NONE,
                  null,
                  at(9)));
    }

    @Test
    void takesUpATurnThatHasSaidNothingOnceUnderTheSameName() {
      given(created(), started(1))
          .when(new Command.Recover(Command.Cut.GOES_ON, newTurn(9), at(9)))
          .then(new Event.TurnResumed(turn(1), 0, at(9)))
          .telling();
      given(created(), started(1), new Event.TurnResumed(turn(1), 0, at(5)))
          .when(new Command.Recover(Command.Cut.GOES_ON, newTurn(9), at(9)))
          .then(
              new Event.TurnEnded(
                  turn(1),
                  answer(1),
                  new TurnOutcome.Interrupted("node lost"),
                  List.of(),
                  false,
                  Usage.NONE,
                  null,
                  at(9)));
    }

    @Test
    void takesUpATurnAgainAsLongAsItSaysSomethingInBetween() {
      SessionSpec.Given said =
          given(created(), started(1), new Event.TurnResumed(turn(1), 0, at(5)))
              .saying(text("more"));
      long bytes = ((Streaming) said.state()).turn().output().bytes();
      assertThat(bytes).isPositive();
      said.when(new Command.Recover(Command.Cut.GOES_ON, newTurn(9), at(9)))
          .then(new Event.TurnResumed(turn(1), bytes, at(9)));
    }
  }

  @Nested
  class Completing {
    @Test
    void announcesACompletedTurnOfAnAgentThatHasAWebhook() {
      Accepted accepted = complete(ANNOUNCED, text("said"), done(1, null));
      assertThat(accepted.effects())
          .containsExactly(
              new Effect(
                  "webhook-turn1",
                  Effect.Kind.CALL_WEBHOOK,
                  "turn-turn1",
                  new JsonText("{\"turnId\":\"turn1\",\"messageId\":\"answer1\"}")));
    }

    @Test
    void announcesNothingOfOtherAgentsOrOtherEnds() {
      assertThat(complete(KEY, text("said"), done(1, null)).effects()).isEmpty();
      assertThat(complete(ANNOUNCED, null, done(1, null)).effects()).isEmpty();
      assertThat(
              complete(
                      ANNOUNCED,
                      text("said"),
                      new Command.Interrupt(null, false, newTurn(9), at(9)))
                  .effects())
          .isEmpty();
      assertThat(
              complete(
                      ANNOUNCED,
                      text("said"),
                      new Command.AgentFailed(
                          turn(1), Refusal.Code.AGENT_ERROR, "broke", false, newTurn(9), at(9)))
                  .effects())
          .isEmpty();
    }

    @Test
    void keepsWhatTheAgentKeepsUntilHistoryIsAnotherOne() {
      JsonText kept = new JsonText("{}");
      assertThat(complete(KEY, text("said"), done(1, kept)).checkpoint())
          .isEqualTo(new Checkpoint.Of(kept));
      assertThat(complete(KEY, text("said"), done(1, null)).checkpoint())
          .isEqualTo(new Checkpoint.None());
      assertThat(
              complete(KEY, text("said"), new Command.Interrupt(null, true, newTurn(9), at(9)))
                  .checkpoint())
          .isEqualTo(new Checkpoint.None());
      assertThat(complete(KEY, text("said"), new Command.Rename("t", at(9))).checkpoint())
          .isEqualTo(new Checkpoint.Same());
      Accepted again =
          (Accepted)
              given(created(), started(1), answered(1))
                  .when(regenerate(target(1, 1), null, null))
                  .decision();
      assertThat(again.checkpoint()).isEqualTo(new Checkpoint.None());
    }

    private static Accepted complete(
        SessionKey key, ChatStreamEvent.@Nullable Content said, Command command) {
      SessionSpec.Given streaming =
          given(new Event.SessionCreated(key, new Incarnation("life1"), null, at(0)), started(1));
      return (Accepted)
          (said == null ? streaming : streaming.saying(said)).when(command).decision();
    }
  }

  private static Event created() {
    return new Event.SessionCreated(KEY, new Incarnation("life1"), "Title", at(0));
  }

  private static Event deleted() {
    return new Event.SessionDeleted(at(8));
  }

  private static Event started(int n) {
    return new Event.TurnStarted(turn(n), answer(n), message(n), at(n));
  }

  private static Event answered(int n) {
    return new Event.TurnEnded(
        turn(n),
        answer(n),
        COMPLETED,
        List.of(new MessagePart.Text("answer")),
        false,
        Usage.NONE,
        null,
        at(n));
  }

  private static Event stopped(int n) {
    return new Event.TurnEnded(
        turn(n), answer(n), INTERRUPTED, List.of(), true, Usage.NONE, null, at(9));
  }

  private static Command done(int n, @Nullable JsonText checkpoint) {
    return new Command.AgentDone(
        turn(n), FinishReason.STOP, Usage.NONE, null, checkpoint, newTurn(9), at(9));
  }

  private static Regenerate regenerate(
      Target target, @Nullable UserMessage edited, @Nullable String client) {
    return new Regenerate(
        target.message().id(),
        target,
        edited,
        client == null ? null : client(client),
        null,
        newTurn(9),
        at(9));
  }

  private static Target target(int n, long ord) {
    return new Target(message(n), ord, false);
  }

  private static UserMessage message(int n) {
    return new UserMessage(id(n), "text " + n, null, null, at(n));
  }

  private static ClientMessageId client(String id) {
    return new ClientMessageId(id);
  }

  private static MessageId id(int n) {
    return new MessageId("m" + n);
  }

  private static MessageId answer(int n) {
    return new MessageId("answer" + n);
  }

  private static TurnId turn(int n) {
    return new TurnId("turn" + n);
  }

  private static NewTurn newTurn(int n) {
    return new NewTurn(turn(n), answer(n));
  }

  private static Instant at(int seconds) {
    return BEGIN.plusSeconds(seconds);
  }

  private static ChatStreamEvent.Content text(String text) {
    return new TextDelta("t", text);
  }

  private static Frame told(int n, ChatStreamEvent event) {
    return new Frame.StreamEvent(turn(n), event);
  }
}
