package dev.parley.session;

import static dev.parley.session.SessionSpec.KEY;
import static dev.parley.session.SessionSpec.given;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.content.FinishReason;
import dev.parley.content.MessageId;
import dev.parley.content.Usage;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// An event that no history can hold at its place is a broken promise: folding it throws, so that
/// nothing goes on from a state that never was.
class ImpossibleHistoryTest {
  private static final Instant AT = Instant.parse("2030-01-01T00:00:00Z");
  private static final TurnId TURN = new TurnId("t1");
  private static final MessageId ANSWER = new MessageId("a1");
  private static final UserMessage MESSAGE =
      new UserMessage(new MessageId("m1"), "hello", null, null, AT);

  private static final Event CREATED =
      new Event.SessionCreated(KEY, new Incarnation("life1"), null, AT);
  private static final Event QUEUED = new Event.MessageQueued(MESSAGE, false);
  private static final Event REMOVED = new Event.MessageRemoved(MESSAGE.id(), AT);
  private static final Event STARTED = new Event.TurnStarted(TURN, ANSWER, MESSAGE, AT);
  private static final Event QUEUED_STARTED =
      new Event.QueuedTurnStarted(TURN, ANSWER, MESSAGE.id(), AT);
  private static final Event REGENERATED =
      new Event.TurnRegenerated(TURN, ANSWER, MESSAGE, null, AT);
  private static final Event DISCARDED = new Event.MessagesDiscarded(MESSAGE.id(), true, 1, AT);
  private static final Event RESUMED = new Event.TurnResumed(TURN, 0, AT);
  private static final Event SPENT = new Event.TurnSpent(TURN, Usage.of(1, 2), AT);
  private static final Event ENDED =
      new Event.TurnEnded(
          TURN,
          ANSWER,
          new Event.TurnOutcome.Completed(FinishReason.STOP),
          List.of(),
          false,
          Usage.NONE,
          null,
          AT);
  private static final Event RENAMED = new Event.SessionRenamed("title", AT);
  private static final Event TOUCHED = new Event.SessionTouched(AT);
  private static final Event DELETED = new Event.SessionDeleted(AT);
  private static final List<Event> AFTER_A_CREATION =
      List.of(
          QUEUED,
          REMOVED,
          STARTED,
          QUEUED_STARTED,
          REGENERATED,
          DISCARDED,
          RESUMED,
          SPENT,
          ENDED,
          RENAMED,
          TOUCHED,
          DELETED);

  static Stream<Arguments> impossible() {
    return Stream.of(
            after(List.of(), AFTER_A_CREATION),
            after(List.of(CREATED), List.of(CREATED, RESUMED, ENDED, QUEUED_STARTED)),
            after(
                List.of(CREATED, STARTED),
                List.of(CREATED, STARTED, QUEUED_STARTED, REGENERATED, DISCARDED, DELETED)),
            after(List.of(CREATED, DELETED), AFTER_A_CREATION),
            after(List.of(CREATED, DELETED), List.of(CREATED)))
        .flatMap(stream -> stream);
  }

  private static Stream<Arguments> after(List<Event> past, List<Event> events) {
    return events.stream().map(event -> Arguments.of(past, event));
  }

  @ParameterizedTest
  @MethodSource("impossible")
  void throwsWhenAnEventCannotFollow(List<Event> past, Event event) {
    SessionState state = given(past.toArray(Event[]::new)).state();
    assertThatThrownBy(() -> state.evolve(event, state.frameSeq()))
        .isInstanceOf(IllegalStateException.class);
  }
}
