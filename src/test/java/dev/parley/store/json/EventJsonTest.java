package dev.parley.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.content.FinishReason;
import dev.parley.content.MessagePart;
import dev.parley.session.Event;
import dev.parley.session.Event.TurnEnded;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EventJsonTest {
  private static final String REMOVED = "{\"messageId\":\"m\",\"at\":\"2030-01-01T00:00:00Z\"}";

  @Test
  void readsEveryEventAsItWasWritten() {
    assertThat(Samples.leaves(Event.class)).hasSizeGreaterThanOrEqualTo(6);
    Samples.of(Event.class).forEach(EventJsonTest::assertReadsBack);
  }

  @ParameterizedTest
  @MethodSource("endings")
  void readsEveryEndOfATurnAsItWasWritten(TurnEnded ended) {
    assertReadsBack(ended);
  }

  static Stream<TurnEnded> endings() {
    TurnEnded any = Samples.of(TurnEnded.class).findFirst().orElseThrow();
    Stream<TurnEnded> outcomes =
        Samples.of(Event.TurnOutcome.class).map(outcome -> ended(any, outcome, any.answer()));
    Stream<TurnEnded> parts =
        Samples.of(MessagePart.class).map(part -> ended(any, any.outcome(), List.of(part)));
    return Stream.concat(outcomes, parts);
  }

  @Test
  void namesEveryEventDifferently() {
    assertThat(Samples.of(Event.class).map(e -> EventJson.encode(e).type()).distinct())
        .hasSameSizeAs(Samples.leaves(Event.class));
  }

  @Test
  void writesNoTextThatTheStoreRefuses() {
    assertThat(Samples.of(Event.class).map(e -> EventJson.encode(e).payload()))
        .noneMatch(payload -> payload.indexOf('\0') >= 0);
  }

  @Test
  void readsWhatALaterVersionAddedToAType() {
    String more = REMOVED.replace("}", ",\"later\":{\"a\":[1.5,null,true]}}");
    assertThat(EventJson.decode("MessageRemoved", 1, more))
        .isEqualTo(EventJson.decode("MessageRemoved", 1, REMOVED));
  }

  @Test
  void refusesToReadAnUnknownType() {
    assertUnreadable("SessionMoved", 1, REMOVED);
  }

  @Test
  void refusesToReadAnUnknownVersion() {
    assertUnreadable("MessageRemoved", 2, REMOVED);
    assertUnreadable("MessageRemoved", 0, REMOVED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "not json",
        "{\"messageId\":\"m\"}",
        "{\"at\":\"2030-01-01T00:00:00Z\"}",
        "{\"messageId\":\"\",\"at\":\"2030-01-01T00:00:00Z\"}",
        "{\"messageId\":\"m\",\"at\":\"yesterday\"}",
        "{\"messageId\":null,\"at\":\"2030-01-01T00:00:00Z\"}"
      })
  void refusesToReadDamage(String payload) {
    assertUnreadable("MessageRemoved", 1, payload);
  }

  @Test
  void refusesToReadAWordItDoesNotKnow() {
    EventJson.Stored stored =
        EventJson.encode(
            ended(
                Samples.of(TurnEnded.class).findFirst().orElseThrow(),
                new Event.TurnOutcome.Completed(FinishReason.STOP),
                List.of()));
    assertUnreadable("TurnEnded", 1, stored.payload().replace("\"stop\"", "\"bored\""));
    assertUnreadable("TurnEnded", 1, stored.payload().replace("\"completed\"", "\"evaporated\""));
    assertUnreadable(
        "SessionCreated",
        1,
        "{\"key\":\"no key\",\"incarnation\":\"i\",\"at\":\"2030-01-01T00:00:00Z\"}");
  }

  private static void assertReadsBack(Event event) {
    EventJson.Stored stored = EventJson.encode(event);
    assertThat(EventJson.decode(stored.type(), stored.version(), stored.payload()))
        .isEqualTo(event);
  }

  private static void assertUnreadable(String type, int version, String payload) {
    assertThatThrownBy(() -> EventJson.decode(type, version, payload))
        .isInstanceOf(UnreadableException.class);
  }

  private static TurnEnded ended(
      TurnEnded any, Event.TurnOutcome outcome, List<MessagePart> answer) {
    return new TurnEnded(
        any.turnId(),
        any.answerId(),
        outcome,
        answer,
        any.discarded(),
        any.usage(),
        any.model(),
        any.at());
  }
}
