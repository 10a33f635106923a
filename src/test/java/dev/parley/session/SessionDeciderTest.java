package dev.parley.session;

import static dev.parley.session.SessionSpec.KEY;
import static dev.parley.session.SessionSpec.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.ReasoningDelta;
import dev.parley.content.ChatStreamEvent.ReasoningEnd;
import dev.parley.content.ChatStreamEvent.ReasoningStart;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.ChatStreamEvent.TextEnd;
import dev.parley.content.ChatStreamEvent.TextStart;
import dev.parley.content.FinishReason;
import dev.parley.content.MessageId;
import dev.parley.content.MessagePart;
import dev.parley.content.Usage;
import dev.parley.session.Command.NewTurn;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.SessionState.Idle;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Requirements T1 to T8, one rule a test.
class SessionDeciderTest {
  private static final Incarnation INCARNATION = new Incarnation("life1");
  private static final TurnOutcome INTERRUPTED = new TurnOutcome.Interrupted("interrupted");
  private static final TurnOutcome COMPLETED = new TurnOutcome.Completed(FinishReason.STOP);
  private static final Reply DONE = new Reply.Done();
  private static final Usage USAGE = Usage.of(5, 7);

  @Nested
  class Create {
    @Test
    void makesASessionOfAnAbsentKey() {
      given()
          .when(new Command.Create(KEY, INCARNATION, "Title", at(0)))
          .then(new Event.SessionCreated(KEY, INCARNATION, "Title", at(0)))
          .telling()
          .answering(DONE);
    }

    @Test
    void refusesAKeyThatIsIdle() {
      given(created())
          .when(new Command.Create(KEY, new Incarnation("life2"), null, at(1)))
          .thenRefused(new Refusal.SessionExists(KEY));
    }

    @Test
    void refusesAKeyThatIsStreaming() {
      given(created(), started(1))
          .when(new Command.Create(KEY, new Incarnation("life2"), null, at(1)))
          .thenRefused(new Refusal.SessionExists(KEY));
    }
  }

  @Nested
  class Absent {
    @Test
    void refusesWhatClientsWantOfAnAbsentSession() {
      var notFound = new Refusal.SessionNotFound(KEY);
      given().when(send(1, WhenBusy.QUEUE)).thenRefused(notFound);
      given().when(interrupt(null, false)).thenRefused(notFound);
      given().when(new Command.Dequeue(id(1), at(1))).thenRefused(notFound);
    }

    @Test
    void ignoresWhatAgentsStillSayToAnAbsentSession() {
      given().when(output(1, text("late"))).thenNothing(DONE);
      given().when(done(1)).thenNothing(DONE);
      given().when(failed(1)).thenNothing(DONE);
      given().when(recover()).thenNothing(DONE);
    }
  }

  @Nested
  class Send {
    @ParameterizedTest
    @EnumSource(WhenBusy.class)
    void startsATurnOfAnIdleSessionWhateverItWouldDoWithABusyOne(WhenBusy whenBusy) {
      given(created())
          .when(send(1, whenBusy))
          .then(started(1))
          .telling(
              new Frame.UserMessage(message(1)),
              new Frame.SessionStarted(turn(1), id(1), at(1)),
              told(1, new ChatStreamEvent.Start(answer(1))))
          .answering(new Reply.Started(id(1), turn(1), false));
    }

    @Test
    void startsTheNextTurnAfterOneHasEnded() {
      given(created(), started(1), ended(1, COMPLETED))
          .when(send(2, WhenBusy.REJECT))
          .then(started(2))
          .answering(new Reply.Started(id(2), turn(2), false));
    }

    @Test
    void queuesWhileATurnRuns() {
      given(created(), started(1))
          .when(send(2, WhenBusy.QUEUE))
          .then(queued(2))
          .telling(new Frame.MessageQueued(message(2)))
          .answering(new Reply.Queued(message(2), false));
    }

    @Test
    void queuesBehindWhatIsQueued() {
      SessionState after =
          given(created(), started(1), queued(2))
              .when(send(3, WhenBusy.QUEUE))
              .then(queued(3))
              .after();
      assertThat(waiting(after)).containsExactly(id(2), id(3));
    }

    @Test
    void refusesToQueueMoreThanTheLimit() {
      given(created(), started(1), queued(2), queued(3), queued(4))
          .when(send(5, WhenBusy.QUEUE))
          .thenRefused(new Refusal.LimitExceeded("queue", "The queue holds 3 messages.", null));
    }

    @Test
    void isNotHeldUpByAFullQueueWhenItInterrupts() {
      SessionState after =
          given(created(), started(1), queued(2), queued(3), queued(4))
              .when(send(5, WhenBusy.INTERRUPT))
              .then(ended(1, INTERRUPTED), started(5))
              .after();
      assertThat(waiting(after)).containsExactly(id(2), id(3), id(4));
    }

    @Test
    void isRejectedWhileATurnRunsIfItAsksForThat() {
      given(created(), started(1))
          .when(send(2, WhenBusy.REJECT))
          .thenRefused(new Refusal.SessionBusy(KEY));
    }

    @Test
    void interruptsKeepsThePartialAndRunsAheadOfTheQueue() {
      SessionState after =
          given(created(), started(1), queued(2))
              .saying(new TextStart("t"), text("partial"))
              .when(send(3, WhenBusy.INTERRUPT))
              .then(
                  ended(
                      1, INTERRUPTED, false, Usage.NONE, null, 3, new MessagePart.Text("partial")),
                  started(3))
              .telling(
                  told(1, new TextEnd("t")),
                  told(1, new ChatStreamEvent.Abort("interrupted")),
                  new Frame.SessionStopped(turn(1), INTERRUPTED, false),
                  new Frame.UserMessage(message(3)),
                  new Frame.SessionStarted(turn(3), id(3), at(3)),
                  told(3, new ChatStreamEvent.Start(answer(3))))
              .answering(new Reply.Started(id(3), turn(3), false))
              .after();
      assertThat(waiting(after)).containsExactly(id(2));
    }

    @Test
    void rollsBackThePartialAndRunsAheadOfTheQueue() {
      SessionState after =
          given(created(), started(1), queued(2))
              .saying(new TextStart("t"), text("partial"))
              .when(send(3, WhenBusy.ROLLBACK))
              .then(
                  ended(1, INTERRUPTED, true, Usage.NONE, null, 3, new MessagePart.Text("partial")),
                  started(3))
              .telling(
                  told(1, new TextEnd("t")),
                  told(1, new ChatStreamEvent.Abort("interrupted")),
                  new Frame.SessionStopped(turn(1), INTERRUPTED, true),
                  new Frame.UserMessage(message(3)),
                  new Frame.SessionStarted(turn(3), id(3), at(3)),
                  told(3, new ChatStreamEvent.Start(answer(3))))
              .after();
      assertThat(waiting(after)).containsExactly(id(2));
    }
  }

  @Nested
  class Duplicate {
    @ParameterizedTest
    @EnumSource(WhenBusy.class)
    void getsItsFirstAnswerAgainWhileItsTurnRuns(WhenBusy whenBusy) {
      given(created(), started(1, "c1"))
          .when(send(2, "c1", whenBusy))
          .thenNothing(new Reply.Started(id(1), turn(1), true));
    }

    @Test
    void getsItsFirstAnswerAgainAfterItsTurn() {
      given(created(), started(1, "c1"), ended(1, COMPLETED))
          .when(send(2, "c1", WhenBusy.QUEUE))
          .thenNothing(new Reply.Started(id(1), turn(1), true));
    }

    @Test
    void getsItsFirstAnswerAgainWhileItWaits() {
      given(created(), started(1), queued(2, "c2"))
          .when(send(3, "c2", WhenBusy.INTERRUPT))
          .thenNothing(new Reply.Queued(message(2, "c2"), true));
    }

    @Test
    void getsItsFirstAnswerAgainWhenTheQueueIsFull() {
      given(created(), started(1), queued(2, "c2"), queued(3), queued(4))
          .when(send(5, "c2", WhenBusy.QUEUE))
          .thenNothing(new Reply.Queued(message(2, "c2"), true));
    }

    @Test
    void getsQueuedAgainAfterItsTurnBeganOrItWasRemoved() {
      var first = new UserMessage(id(2), "text 9", null, new ClientMessageId("c2"), at(2));
      given(
              created(),
              started(1),
              queued(2, "c2"),
              ended(1, COMPLETED),
              new Event.QueuedTurnStarted(turn(2), answer(2), id(2), at(3)))
          .when(send(9, "c2", WhenBusy.QUEUE))
          .thenNothing(new Reply.Queued(first, true));
      given(created(), started(1), queued(2, "c2"), new Event.MessageRemoved(id(2), at(3)))
          .when(send(9, "c2", WhenBusy.QUEUE))
          .thenNothing(new Reply.Queued(first, true));
    }

    @Test
    void isKnownFromTheStoreWhenTheStateHasForgottenIt() {
      var receipt = new SendReceipt(id(1), turn(1), at(1));
      var send = new Command.Send(message(2, "c1"), WhenBusy.QUEUE, receipt, newTurn(2));
      given(created()).when(send).thenNothing(new Reply.Started(id(1), turn(1), true));
      given(created(), started(8)).when(send).thenNothing(new Reply.Started(id(1), turn(1), true));
    }

    @Test
    void doesNotCountWhenTheFirstWasRefused() {
      given(created(), started(1))
          .when(send(2, "c2", WhenBusy.REJECT))
          .thenRefused(new Refusal.SessionBusy(KEY));
      given(created(), started(1), ended(1, COMPLETED))
          .when(send(2, "c2", WhenBusy.REJECT))
          .then(started(2, "c2"));
    }

    @Test
    void isTwoSendsWhenTheyDoNotNameThemselves() {
      given(created(), started(1)).when(send(2, WhenBusy.QUEUE)).then(queued(2));
    }

    @Test
    void isRememberedForTheNewestSendsOfAState() {
      SessionState state = given(created()).state();
      int sends = SessionState.Core.RECEIPTS_MAX + 1;
      for (int n = 1; n <= sends; n++) {
        state = state.evolve(started(n, "c" + n), state.frameSeq() + 3);
        state = state.evolve(ended(n, COMPLETED), state.frameSeq() + 2);
      }
      SessionState.Core core = ((Present) state).core();
      assertThat(core.receipt(new ClientMessageId("c1"))).isNull();
      assertThat(core.receipt(new ClientMessageId("c2"))).isNotNull();
      assertThat(core.receipts().firstEntry().getKey()).isEqualTo(new ClientMessageId("c2"));
      assertThat(core.forgotten()).isTrue();
    }
  }

  @Nested
  class Interrupt {
    @Test
    void answersThatNothingWasRunning() {
      given(created()).when(interrupt(null, false)).thenNothing(new Reply.Interrupted(null, null));
      given(created())
          .when(interrupt(turn(1), true))
          .thenNothing(new Reply.Interrupted(null, null));
    }

    @Test
    void stopsTheRunningTurnAndKeepsThePartial() {
      given(created(), started(1))
          .saying(new TextStart("t"), text("par"), text("tial"))
          .when(interrupt(turn(1), false))
          .then(ended(1, INTERRUPTED, false, Usage.NONE, null, 9, new MessagePart.Text("partial")))
          .telling(
              told(1, new TextEnd("t")),
              told(1, new ChatStreamEvent.Abort("interrupted")),
              new Frame.SessionStopped(turn(1), INTERRUPTED, false))
          .answering(new Reply.Interrupted(turn(1), 9L));
    }

    @Test
    void stopsWhateverTurnRunsWhenItNamesNone() {
      given(created(), started(1))
          .when(interrupt(null, false))
          .then(ended(1, INTERRUPTED, false, Usage.NONE, null, 9))
          .answering(new Reply.Interrupted(turn(1), 5L));
    }

    @Test
    void leavesAnotherTurnAlone() {
      given(created(), started(1), ended(1, COMPLETED), started(2))
          .when(interrupt(turn(1), true))
          .thenNothing(new Reply.Interrupted(null, null));
    }

    @Test
    void discardsThePartialWhenItIsToldTo() {
      SessionState after =
          given(created(), started(1))
              .saying(text("partial"))
              .when(interrupt(null, true))
              .then(
                  ended(1, INTERRUPTED, true, Usage.NONE, null, 9, new MessagePart.Text("partial")))
              .telling(
                  told(1, new ChatStreamEvent.Abort("interrupted")),
                  new Frame.SessionStopped(turn(1), INTERRUPTED, true))
              .after();
      SessionState.Core core = ((Present) after).core();
      assertThat(core.lastMessageId()).as("the newest of history").isEqualTo(id(1));
      assertThat(core.messageCount()).isEqualTo(2);
    }

    @Test
    void endsEveryPartThatIsOpen() {
      given(created(), started(1))
          .saying(new ReasoningStart("r"), new ReasoningDelta("r", "hm"), new TextStart("t"))
          .when(interrupt(null, false))
          .then(
              ended(
                  1,
                  INTERRUPTED,
                  false,
                  Usage.NONE,
                  null,
                  9,
                  new MessagePart.Reasoning("hm"),
                  new MessagePart.Text("")))
          .telling(
              told(1, new ReasoningEnd("r")),
              told(1, new TextEnd("t")),
              told(1, new ChatStreamEvent.Abort("interrupted")),
              new Frame.SessionStopped(turn(1), INTERRUPTED, false));
    }

    @Test
    void keepsTheQueueAndStartsItsNextEntry() {
      SessionState after =
          given(created(), started(1), queued(2), queued(3))
              .when(interrupt(null, false))
              .then(
                  ended(1, INTERRUPTED, false, Usage.NONE, null, 9),
                  new Event.QueuedTurnStarted(turn(9), answer(9), id(2), at(9)))
              .telling(
                  told(1, new ChatStreamEvent.Abort("interrupted")),
                  new Frame.SessionStopped(turn(1), INTERRUPTED, false),
                  new Frame.MessageDequeued(id(2), Frame.DequeueReason.STARTED),
                  new Frame.UserMessage(message(2)),
                  new Frame.SessionStarted(turn(9), id(2), at(9)),
                  told(9, new ChatStreamEvent.Start(answer(9))))
              .answering(new Reply.Interrupted(turn(1), 7L))
              .after();
      assertThat(waiting(after)).containsExactly(id(3));
    }
  }

  @Nested
  class Dequeue {
    @Test
    void takesOutAMessageThatWaits() {
      SessionState after =
          given(created(), started(1), queued(2), queued(3))
              .when(new Command.Dequeue(id(2), at(4)))
              .then(new Event.MessageRemoved(id(2), at(4)))
              .telling(new Frame.MessageDequeued(id(2), Frame.DequeueReason.REMOVED))
              .answering(new Reply.Dequeued(true))
              .after();
      assertThat(waiting(after)).containsExactly(id(3));
    }

    @Test
    void answersThatAMessageDoesNotWait() {
      given(created(), started(1))
          .when(new Command.Dequeue(id(1), at(4)))
          .thenNothing(new Reply.Dequeued(false));
      given(created())
          .when(new Command.Dequeue(id(2), at(4)))
          .thenNothing(new Reply.Dequeued(false));
    }
  }

  @Nested
  class AgentOutput {
    @Test
    void becomesFramesInOrderAndNoEvent() {
      SessionState after =
          given(created(), started(1))
              .when(output(1, new TextStart("t"), text("one "), text("two")))
              .then()
              .telling(told(1, new TextStart("t")), told(1, text("one ")), told(1, text("two")))
              .answering(DONE)
              .after();
      assertThat(((Streaming) after).turn().output().parts())
          .containsExactly(new MessagePart.Text("one two"));
    }

    @Test
    void ofAnotherTurnChangesNothing() {
      given(created(), started(1), ended(1, INTERRUPTED), started(2))
          .when(output(1, text("late")))
          .thenNothing(DONE);
      given(created(), started(1), ended(1, INTERRUPTED))
          .when(output(1, text("late")))
          .thenNothing(DONE);
    }

    @Test
    void endsTheTurnAtItsLimitAndKeepsWhatFitted() {
      TurnOutcome length = new TurnOutcome.Completed(FinishReason.LENGTH);
      String much = "x".repeat(900);
      given(created(), started(1))
          .saying(new TextStart("t"))
          .when(output(1, text(much), text("y".repeat(200)), text("never heard")))
          .then(ended(1, length, false, Usage.NONE, null, 5, new MessagePart.Text(much)))
          .telling(
              told(1, text(much)),
              told(1, new TextEnd("t")),
              told(1, new ChatStreamEvent.Finish(FinishReason.LENGTH, Usage.NONE)),
              new Frame.SessionStopped(turn(1), length, false))
          .answering(DONE);
    }

    @Test
    void fillsItsLimitToTheLastByte() {
      String fits = "x".repeat(1000);
      given(created(), started(1)).when(output(1, text(fits))).then().telling(told(1, text(fits)));
      given(created(), started(1))
          .when(output(1, text(fits + "y")))
          .then(ended(1, new TurnOutcome.Completed(FinishReason.LENGTH)));
    }

    @Test
    void countsManyTinyEventsAsTheMemoryTheyHold() {
      Content[] steps = new Content[30];
      Arrays.fill(steps, new ChatStreamEvent.StartStep());
      Decision decision = given(created(), started(1)).when(output(1, steps)).decision();
      assertThat(decision)
          .isInstanceOfSatisfying(
              Decision.Accepted.class,
              accepted -> assertThat(accepted.after()).isInstanceOf(Idle.class));
    }

    @Test
    void startsTheNextEntryWhenItReachesTheLimit() {
      given(created(), started(1), queued(2))
          .when(output(1, text("x".repeat(2000))))
          .then(
              ended(1, new TurnOutcome.Completed(FinishReason.LENGTH), false, Usage.NONE, null, 5),
              new Event.QueuedTurnStarted(turn(9), answer(9), id(2), at(5)));
    }
  }

  @Nested
  class AgentDone {
    @Test
    void completesTheTurnWithItsAnswerAndUsage() {
      SessionState after =
          given(created(), started(1))
              .saying(new TextStart("t"), text("whole"), new TextEnd("t"))
              .when(done(1))
              .then(ended(1, COMPLETED, false, USAGE, "model", 6, new MessagePart.Text("whole")))
              .telling(
                  told(1, new ChatStreamEvent.Finish(FinishReason.STOP, USAGE)),
                  new Frame.SessionStopped(turn(1), COMPLETED, false))
              .answering(DONE)
              .after();
      SessionState.Core core = ((Present) after).core();
      assertThat(after).isInstanceOf(Idle.class);
      assertThat(core.usage()).isEqualTo(USAGE);
      assertThat(core.model()).isEqualTo("model");
      assertThat(core.lastMessageId()).isEqualTo(answer(1));
      assertThat(core.messageCount()).isEqualTo(2);
    }

    @Test
    void addsNoMessageWhenNothingWasSaid() {
      SessionState after =
          given(created(), started(1))
              .when(done(1))
              .then(ended(1, COMPLETED, false, USAGE, "model", 6))
              .after();
      assertThat(((Present) after).core().lastMessageId()).isEqualTo(id(1));
    }

    @Test
    void startsTheNextEntryOfTheQueue() {
      given(created(), started(1), queued(2), queued(3))
          .when(done(1))
          .then(
              ended(1, COMPLETED, false, USAGE, "model", 6),
              new Event.QueuedTurnStarted(turn(9), answer(9), id(2), at(6)))
          .telling(
              told(1, new ChatStreamEvent.Finish(FinishReason.STOP, USAGE)),
              new Frame.SessionStopped(turn(1), COMPLETED, false),
              new Frame.MessageDequeued(id(2), Frame.DequeueReason.STARTED),
              new Frame.UserMessage(message(2)),
              new Frame.SessionStarted(turn(9), id(2), at(6)),
              told(9, new ChatStreamEvent.Start(answer(9))))
          .answering(DONE);
    }

    @Test
    void changesNothingAfterTheTurnWasEnded() {
      given(created(), started(1), ended(1, INTERRUPTED)).when(done(1)).thenNothing(DONE);
      given(created(), started(1), ended(1, INTERRUPTED), started(2))
          .when(done(1))
          .thenNothing(DONE);
    }
  }

  @Nested
  class AgentFailed {
    private final TurnOutcome error =
        new TurnOutcome.Failed(Refusal.Code.AGENT_ERROR, "it broke", true);

    @Test
    void endsTheTurnWithAnErrorKeepsThePartialAndLeavesTheSessionUsable() {
      SessionState after =
          given(created(), started(1))
              .saying(new TextStart("t"), text("partial"))
              .when(failed(1))
              .then(ended(1, error, false, Usage.NONE, null, 7, new MessagePart.Text("partial")))
              .telling(
                  told(1, new TextEnd("t")),
                  told(1, new ChatStreamEvent.Error("it broke")),
                  new Frame.SessionStopped(turn(1), error, false))
              .answering(DONE)
              .after();
      assertThat(after).isInstanceOf(Idle.class);
    }

    @Test
    void startsTheNextEntryOfTheQueue() {
      given(created(), started(1), queued(2))
          .when(failed(1))
          .then(
              ended(1, error, false, Usage.NONE, null, 7),
              new Event.QueuedTurnStarted(turn(9), answer(9), id(2), at(7)));
    }

    @Test
    void changesNothingAfterTheTurnWasEnded() {
      given(created(), started(1), ended(1, COMPLETED)).when(failed(1)).thenNothing(DONE);
      given(created(), started(1), ended(1, COMPLETED), started(2))
          .when(failed(1))
          .thenNothing(DONE);
    }
  }

  @Nested
  class Recover {
    private final TurnOutcome lost = new TurnOutcome.Interrupted("node lost");

    @Test
    void endsTheTurnWhoseAgentIsGoneAndKeepsThePartial() {
      given(created(), started(1))
          .saying(new TextStart("t"), text("partial"))
          .when(recover())
          .then(ended(1, lost, false, Usage.NONE, null, 8, new MessagePart.Text("partial")))
          .telling(
              told(1, new TextEnd("t")),
              told(1, new ChatStreamEvent.Abort("node lost")),
              new Frame.SessionStopped(turn(1), lost, false))
          .answering(DONE);
    }

    @Test
    void startsWhatWaits() {
      given(created(), started(1), queued(2))
          .when(recover())
          .then(
              ended(1, lost, false, Usage.NONE, null, 8),
              new Event.QueuedTurnStarted(turn(9), answer(9), id(2), at(8)));
      given(created(), started(1), queued(2), ended(1, COMPLETED))
          .when(recover())
          .then(new Event.QueuedTurnStarted(turn(9), answer(9), id(2), at(8)));
    }

    @Test
    void findsNothingToDoInAnIdleSession() {
      given(created()).when(recover()).thenNothing(DONE);
      given(created(), started(1), ended(1, COMPLETED)).when(recover()).thenNothing(DONE);
    }
  }

  @Nested
  class RenewIncarnation {
    private final Incarnation other = new Incarnation("other");
    private final Command renew = new Command.RenewIncarnation(other, at(8));

    @Test
    void letsNoCursorOfBeforeFit() {
      for (Event[] before : new Event[][] {{created()}, {created(), started(1)}}) {
        SessionState after =
            given(before)
                .when(renew)
                .then(new Event.IncarnationRenewed(other, at(8)))
                .telling()
                .answering(DONE)
                .after();
        assertThat(((Present) after).core().incarnation()).isEqualTo(other);
        // nobody was active
        assertThat(((Present) after).core().lastActivityAt()).isBefore(at(8));
      }
    }

    @Test
    void changesNothingWhereThereIsNoSession() {
      given().when(renew).thenNothing(DONE);
    }
  }

  @Nested
  class NodeStops {
    private final TurnOutcome stopped = new TurnOutcome.Interrupted("node stopped");
    private final Command nodeStops = new Command.NodeStops(at(8));

    @Test
    void endsTheTurnAndKeepsThePartialAndTheQueue() {
      given(created(), started(1), queued(2))
          .saying(new TextStart("t"), text("partial"))
          .when(nodeStops)
          .then(ended(1, stopped, false, Usage.NONE, null, 8, new MessagePart.Text("partial")))
          .telling(
              told(1, new TextEnd("t")),
              told(1, new ChatStreamEvent.Abort("node stopped")),
              new Frame.SessionStopped(turn(1), stopped, false))
          .answering(DONE);
    }

    @Test
    void changesNothingInAnIdleSession() {
      given(created()).when(nodeStops).thenNothing(DONE);
      given(created(), started(1), queued(2), ended(1, COMPLETED))
          .when(nodeStops)
          .thenNothing(DONE);
    }

    @Test
    void hasOtherEndsStartNothingEither() {
      given(created(), started(1), queued(2))
          .when(new Command.Interrupt(null, false, null, at(8)))
          .then(ended(1, new TurnOutcome.Interrupted("interrupted"), false, Usage.NONE, null, 8));
      given(created(), started(1), queued(2))
          .when(
              new Command.AgentFailed(
                  turn(1), Refusal.Code.AGENT_ERROR, "it broke", true, null, at(8)))
          .then(
              ended(
                  1,
                  new TurnOutcome.Failed(Refusal.Code.AGENT_ERROR, "it broke", true),
                  false,
                  Usage.NONE,
                  null,
                  8));
    }
  }

  private static Instant at(int n) {
    return Instant.parse("2030-01-01T00:00:00Z").plusSeconds(n);
  }

  private static MessageId id(int n) {
    return new MessageId("m" + n);
  }

  private static MessageId answer(int n) {
    return new MessageId("a" + n);
  }

  private static TurnId turn(int n) {
    return new TurnId("turn" + n);
  }

  private static NewTurn newTurn(int n) {
    return new NewTurn(turn(n), answer(n));
  }

  private static UserMessage message(int n) {
    return message(n, null);
  }

  private static UserMessage message(int n, @Nullable String clientMessageId) {
    return new UserMessage(
        id(n),
        "text " + n,
        null,
        clientMessageId == null ? null : new ClientMessageId(clientMessageId),
        at(n));
  }

  private static Event created() {
    return new Event.SessionCreated(KEY, INCARNATION, null, at(0));
  }

  private static Event started(int n) {
    return started(n, null);
  }

  private static Event started(int n, @Nullable String clientMessageId) {
    return new Event.TurnStarted(turn(n), answer(n), message(n, clientMessageId), at(n));
  }

  private static Event queued(int n) {
    return queued(n, null);
  }

  private static Event queued(int n, @Nullable String clientMessageId) {
    return new Event.MessageQueued(message(n, clientMessageId), false);
  }

  private static Event ended(int n, TurnOutcome outcome) {
    return ended(n, outcome, false, Usage.NONE, null, 5);
  }

  private static Event ended(
      int n,
      TurnOutcome outcome,
      boolean discarded,
      Usage usage,
      @Nullable String model,
      int at,
      MessagePart... answer) {
    return new Event.TurnEnded(
        turn(n), answer(n), outcome, List.of(answer), discarded, usage, model, at(at));
  }

  private static Command send(int n, WhenBusy whenBusy) {
    return send(n, null, whenBusy);
  }

  private static Command send(int n, @Nullable String clientMessageId, WhenBusy whenBusy) {
    return new Command.Send(message(n, clientMessageId), whenBusy, null, newTurn(n));
  }

  private static Command interrupt(@Nullable TurnId turnId, boolean discard) {
    return new Command.Interrupt(turnId, discard, newTurn(9), at(9));
  }

  private static Command output(int n, Content... said) {
    return new Command.AgentOutput(turn(n), List.of(said), null, newTurn(9), at(5));
  }

  private static Command done(int n) {
    return new Command.AgentDone(
        turn(n), FinishReason.STOP, USAGE, "model", null, newTurn(9), at(6));
  }

  private static Command failed(int n) {
    return new Command.AgentFailed(
        turn(n), Refusal.Code.AGENT_ERROR, "it broke", true, newTurn(9), at(7));
  }

  private static Command recover() {
    return new Command.Recover(Command.Cut.ENDS, newTurn(9), at(8));
  }

  private static Content text(String text) {
    return new TextDelta("t", text);
  }

  private static Frame told(int n, ChatStreamEvent event) {
    return new Frame.StreamEvent(turn(n), event);
  }

  private static List<MessageId> waiting(SessionState state) {
    return ((Present) state).core().queue().stream().map(w -> w.message().id()).toList();
  }
}
