package dev.parley.store.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.ChatStreamEvent.Delta;
import dev.parley.content.Utf8;
import dev.parley.session.Frame;
import dev.parley.session.TurnId;
import java.util.Objects;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DeltaTextTest {
  private static final TurnId TURN = new TurnId("01ARZ3NDEKTSV4RRFFQ69G5FAV");
  private static final String AWKWARD = "\"\\\n\t\u0001€😀\u2028</script>\\";

  @Test
  void joinsDeltasOfEveryKindAsTheyWouldBeWrittenTogether() {
    Samples.of(Delta.class).forEach(delta -> assertJoins(delta, AWKWARD, "\\", "\"x"));
  }

  @Property
  void joinsAnyTexts(@ForAll String id, @ForAll String one, @ForAll String two) {
    assertJoins(new ChatStreamEvent.TextDelta(id, "x"), storable(one), storable(two));
  }

  private static String storable(String text) {
    return Utf8.wellFormed(text);
  }

  private static void assertJoins(Delta delta, String... texts) {
    String first = json(4, delta.withText(texts[0]));
    DeltaText place = Objects.requireNonNull(DeltaText.of(first));
    StringBuilder said = new StringBuilder(first.substring(place.begin(), place.end()));
    for (int i = 1; i < texts.length; i++) {
      String next = json(4L + i, delta.withText(texts[i]));
      DeltaText more = Objects.requireNonNull(DeltaText.of(next));
      assertThat(place.joins(first, more, next)).isTrue();
      said.append(next, more.begin(), more.end());
    }
    long last = 3L + texts.length;
    String joined = place.joined(first, 4, last, said);
    assertThat(joined)
        .isEqualTo(
            json(last, delta.withText(String.join("", texts)))
                .replaceFirst("\"seq\":", "\"firstSeq\":4,\"seq\":"));
    assertThat(FrameJson.decode(joined))
        .isEqualTo(new Frame.StreamEvent(TURN, delta.withText(String.join("", texts))));
    assertThat(DeltaText.of(joined)).isNull();
  }

  @Test
  void joinsNothingOfAnotherTurnKindOrPart() {
    Delta text = new ChatStreamEvent.TextDelta("a", "x");
    String json = json(1, text);
    DeltaText place = Objects.requireNonNull(DeltaText.of(json));
    Stream.of(
            json(2, new ChatStreamEvent.TextDelta("b", "x")),
            json(2, new ChatStreamEvent.ReasoningDelta("a", "x")),
            FrameJson.encode(
                2, new Frame.StreamEvent(new TurnId("01ARZ3NDEKTSV4RRFFQ69G5FAW"), text)))
        .forEach(other ->
            assertThat(place.joins(json, Objects.requireNonNull(DeltaText.of(other)), other))
                .isFalse());
  }

  @Test
  void seesNoDeltaInAnythingElse() {
    assertThat(Samples.of(Frame.class))
        .filteredOn(frame -> !(frame instanceof Frame.StreamEvent(var _, Delta _)))
        .isNotEmpty()
        .allSatisfy(frame -> assertThat(DeltaText.of(FrameJson.encode(7, frame))).isNull());
    Samples.of(ChatStreamEvent.class)
        .filter(event -> !(event instanceof Delta))
        .forEach(event ->
            assertThat(DeltaText.of(FrameJson.encode(7, new Frame.StreamEvent(TURN, event))))
                .isNull());
  }

  private static String json(long seq, Delta delta) {
    return FrameJson.encode(seq, new Frame.StreamEvent(TURN, delta));
  }
}
