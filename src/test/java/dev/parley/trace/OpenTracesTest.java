package dev.parley.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.FinishReason;
import dev.parley.content.MessageId;
import dev.parley.log.Fields;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Refusal;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import dev.parley.trace.MessageTrace.Outcome;
import dev.parley.trace.MessageTrace.Part;
import dev.parley.trace.MessageTrace.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is told of a message is put together, once, and let go of.
class OpenTracesTest {
  private static final long SID = 7;
  private static final SessionKey KEY = new SessionKey("ann", "demo", "t");
  private static final TurnId TURN = new TurnId("turn");
  private static final TurnId NEXT = new TurnId("next");
  private static final MessageId MESSAGE = new MessageId("message");
  private static final MessageId OTHER = new MessageId("other");
  private static final TurnOutcome DONE = new TurnOutcome.Completed(FinishReason.STOP);

  private final List<MessageTrace> told = new ArrayList<>();
  private long now;
  private final OpenTraces traces = new OpenTraces(() -> now, told::add);

  @Test
  void tellsEachPartOfTheWayOfAMessageOnceItIsAcknowledged() {
    startsAt(100);
    at(200);
    traces.firstWords(SID, 5, 150);
    at(210);
    traces.sent(SID, 5);
    at(300);
    traces.acknowledged(SID, 5);
    assertThat(told).isEmpty();
    at(400);
    traces.ended(SID, TURN, DONE);
    MessageTrace trace = only();
    assertThat(trace.turnId()).isEqualTo(TURN);
    assertThat(trace.outcome()).isEqualTo(new Outcome(Outcome.Kind.COMPLETED, null));
    assertThat(trace.endedNanos()).isEqualTo(400);
    assertThat(trace.steps())
        .containsExactly(
            new Step(Part.DECIDE, 90, 95),
            new Step(Part.COMMIT, 95, 100),
            new Step(Part.FIRST_WORDS, 100, 150),
            new Step(Part.COMMIT_FIRST_WORDS, 150, 200),
            new Step(Part.DELIVER_FIRST_WORDS, 200, 300),
            new Step(Part.TURN, 100, 400));
    assertThat(traces.sessions()).isZero();
  }

  @Test
  void knowsOfADeliveryThatItHearsOfBeforeTheCommit() {
    startsAt(0);
    at(10);
    traces.sent(SID, 5);
    at(11);
    traces.firstWords(SID, 5, 8);
    at(20);
    traces.ended(SID, TURN, DONE);
    traces.left(SID);
    assertThat(only().steps())
        .contains(
            new Step(Part.COMMIT_FIRST_WORDS, 8, 10), new Step(Part.DELIVER_FIRST_WORDS, 10, 10));
  }

  @Test
  void knowsWhatWasEarlierThoughTheClockHasGonePastItsLargestNumber() {
    long last = Long.MAX_VALUE;
    startsAt(last - 10);
    at(last);
    traces.sent(SID, 5);
    at(last + 1);
    traces.firstWords(SID, 5, last - 2);
    at(last + 10);
    traces.ended(SID, TURN, DONE);
    traces.left(SID);
    assertThat(only().steps())
        .contains(
            new Step(Part.COMMIT_FIRST_WORDS, last - 2, last),
            new Step(Part.DELIVER_FIRST_WORDS, last, last));
  }

  @Test
  void knowsOfAnAcknowledgementThatItHearsOfBeforeTheCommit() {
    startsAt(0);
    at(10);
    traces.sent(SID, 6);
    at(12);
    traces.acknowledged(SID, 6);
    traces.acknowledged(SID, 4);
    traces.sent(SID, 7);
    at(13);
    traces.firstWords(SID, 5, 8);
    at(20);
    traces.ended(SID, TURN, DONE);
    assertThat(only().steps()).contains(new Step(Part.DELIVER_FIRST_WORDS, 12, 12));
  }

  @Test
  void doesNotTakeWhatWasSentBeforeForTheFirstWords() {
    startsAt(0);
    at(1);
    traces.sent(SID, 4);
    traces.acknowledged(SID, 4);
    at(2);
    traces.firstWords(SID, 5, 2);
    traces.ended(SID, TURN, DONE);
    traces.left(SID);
    assertThat(only().steps()).noneMatch(step -> step.part() == Part.DELIVER_FIRST_WORDS);
  }

  @Test
  void waitsAfterTheTurnForTheAcknowledgementOfItsFirstWords() {
    startsAt(0);
    at(1);
    traces.firstWords(SID, 5, 1);
    at(2);
    traces.ended(SID, TURN, DONE);
    traces.acknowledged(SID, 4);
    assertThat(told).isEmpty();
    at(3);
    traces.acknowledged(SID, 9);
    assertThat(only().steps()).contains(new Step(Part.DELIVER_FIRST_WORDS, 1, 3));
    assertThat(only().endedNanos()).isEqualTo(3);
    assertThat(traces.sessions()).isZero();
  }

  @Test
  void waitsForNoAcknowledgementLongerThanToTheEndOfTheNextTurn() {
    startsAt(0);
    traces.firstWords(SID, 5, 0);
    at(1);
    traces.sent(SID, 5);
    at(2);
    traces.ended(SID, TURN, DONE);
    starts(NEXT, OTHER);
    traces.firstWords(SID, 8, 2);
    assertThat(told).isEmpty();
    traces.ended(SID, NEXT, DONE);
    assertThat(only().turnId()).isEqualTo(TURN);
    assertThat(only().steps()).contains(new Step(Part.DELIVER_FIRST_WORDS, 0, 1));
    traces.acknowledged(SID, 8);
    assertThat(told).hasSize(2);
    assertThat(traces.sessions()).isZero();
  }

  @Test
  void tellsNothingOfADeliveryThatNeverWas() {
    startsAt(0);
    traces.firstWords(SID, 5, 0);
    traces.ended(SID, TURN, DONE);
    traces.left(SID);
    assertThat(parts(only())).doesNotContain(Part.DELIVER_FIRST_WORDS).contains(Part.TURN);
  }

  @Test
  void tellsAtOnceOfATurnThatSaidNothing() {
    startsAt(0);
    traces.ended(
        SID, TURN, new TurnOutcome.Failed(Refusal.Code.AGENT_ERROR, "the agent's words", true));
    assertThat(only().outcome()).isEqualTo(new Outcome(Outcome.Kind.FAILED, "AGENT_ERROR"));
    assertThat(only().outcome().isError()).isTrue();
  }

  @Test
  void tellsHowLongAMessageWaitedForItsTurn() {
    startsAt(0);
    at(10);
    queued(OTHER);
    at(30);
    traces.ended(SID, TURN, DONE);
    traces.started(SID, NEXT, OTHER);
    at(40);
    traces.ended(SID, NEXT, DONE);
    assertThat(told).hasSize(2);
    assertThat(told.get(1).turnId()).isEqualTo(NEXT);
    assertThat(told.get(1).steps())
        .contains(new Step(Part.WAIT, 10, 30), new Step(Part.TURN, 30, 40));
  }

  @Test
  void tellsOfAMessageThatIsTakenBack() {
    queued(OTHER);
    traces.removed(SID, OTHER);
    assertThat(only().outcome().kind()).isEqualTo(Outcome.Kind.REMOVED);
    assertThat(parts(only())).containsExactly(Part.DECIDE, Part.COMMIT, Part.WAIT);
    assertThat(traces.sessions()).isZero();
  }

  @Test
  void tellsWhatIsLeftUndoneWhenTheSessionIsLeft() {
    startsAt(0);
    queued(OTHER);
    traces.left(SID);
    assertThat(told).hasSize(2);
    assertThat(told).allSatisfy(t -> assertThat(t.outcome().kind()).isEqualTo(Outcome.Kind.LEFT));
    assertThat(parts(told.get(0))).contains(Part.TURN);
    assertThat(parts(told.get(1))).contains(Part.WAIT);
    assertThat(traces.sessions()).isZero();
  }

  @Test
  void tellsOfAMessageOnceThoughItComesTwice() {
    startsAt(0);
    traces.accepted(SID, KEY, incoming(), new Reply.Started(MESSAGE, TURN, true), 0);
    traces.ended(SID, TURN, DONE);
    assertThat(told).hasSize(1);
    traces.accepted(SID, KEY, incoming(), new Reply.Started(MESSAGE, TURN, true), 0);
    assertThat(traces.sessions()).isZero();
  }

  @Test
  void tellsWhyAMessageWasRefused() {
    at(5);
    traces.refused(
        KEY, new Incoming(Fields.NONE, null, 2), new Refusal.LimitExceeded("queue", "full", null));
    assertThat(only().outcome()).isEqualTo(new Outcome(Outcome.Kind.REFUSED, "LIMIT_EXCEEDED"));
    assertThat(only().steps()).containsExactly(new Step(Part.DECIDE, 2, 5));
    assertThat(traces.sessions()).isZero();
  }

  @Test
  void knowsNothingOfTurnsWhoseMessagesCameElsewhere() {
    traces.started(SID, TURN, MESSAGE);
    traces.firstWords(SID, 1, 0);
    traces.sent(SID, 1);
    traces.acknowledged(SID, 1);
    traces.removed(SID, OTHER);
    traces.ended(SID, TURN, DONE);
    traces.left(SID);
    assertThat(told).isEmpty();
    assertThat(traces.sessions()).isZero();
  }

  private void at(long nanos) {
    now = nanos;
  }

  private void startsAt(long nanos) {
    at(nanos);
    starts(TURN, MESSAGE);
  }

  private void starts(TurnId turnId, MessageId message) {
    traces.accepted(SID, KEY, incoming(), new Reply.Started(message, turnId, false), now - 5);
    traces.started(SID, turnId, message);
  }

  private void queued(MessageId id) {
    UserMessage message = new UserMessage(id, "hello", null, null, Instant.EPOCH);
    traces.accepted(SID, KEY, incoming(), new Reply.Queued(message, false), now - 5);
  }

  private Incoming incoming() {
    return new Incoming(Fields.NONE, null, now - 10);
  }

  private MessageTrace only() {
    assertThat(told).hasSize(1);
    return told.getFirst();
  }

  private static List<Part> parts(MessageTrace trace) {
    return trace.steps().stream().map(Step::part).toList();
  }
}
