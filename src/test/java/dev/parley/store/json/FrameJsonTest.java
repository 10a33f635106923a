package dev.parley.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.content.ChatStreamEvent;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Frame;
import dev.parley.session.TurnId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameJsonTest {
  private static final TurnId TURN = new TurnId("t-1");

  @Test
  void readsEveryFrameAsItWasWritten() {
    assertThat(Samples.leaves(Frame.class)).hasSizeGreaterThanOrEqualTo(6);
    Samples.of(Frame.class).forEach(FrameJsonTest::assertReadsBack);
  }

  @Test
  void readsEveryStreamEventAsItWasWritten() {
    assertThat(Samples.leaves(ChatStreamEvent.class)).hasSizeGreaterThanOrEqualTo(25);
    Samples.of(ChatStreamEvent.class)
        .forEach(event -> assertReadsBack(new Frame.StreamEvent(TURN, event)));
  }

  @Test
  void readsEveryOutcomeAsItWasWritten() {
    Samples.of(TurnOutcome.class)
        .forEach(outcome -> assertReadsBack(new Frame.SessionStopped(TURN, outcome, true)));
  }

  @Test
  void startsWithTagAndNumber() {
    assertThat(Samples.of(Frame.class))
        .allSatisfy(frame ->
            assertThat(FrameJson.encode(12, frame))
                .startsWith("{\"_tag\":\"" + frame.getClass().getSimpleName() + "\",\"seq\":12,"));
  }

  @Test
  void writesOneLineThatTheStoreTakes() {
    assertThat(Samples.of(Frame.class).map(frame -> FrameJson.encode(1, frame)))
        .noneMatch(json -> json.indexOf('\0') >= 0 || json.indexOf('\n') >= 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"_tag\":\"Later\",\"seq\":1}",
        "{\"_tag\":\"StreamEvent\",\"seq\":1,\"turnId\":\"t\",\"event\":{\"type\":\"later\"}}",
        "{\"_tag\":\"StreamEvent\",\"seq\":1,\"turnId\":\"t\"}",
        "{\"_tag\":\"MessageDequeued\",\"seq\":1,\"messageId\":\"m\",\"reason\":\"lost\"}",
        "{\"_tag\":\"SessionStopped\",\"seq\":1,\"turnId\":\"t\",\"reason\":\"later\"}"
      })
  void refusesToReadWhatItDoesNotKnow(String json) {
    assertThatThrownBy(() -> FrameJson.decode(json)).isInstanceOf(UnreadableException.class);
  }

  private static void assertReadsBack(Frame frame) {
    assertThat(FrameJson.decode(FrameJson.encode(7, frame))).isEqualTo(frame);
  }
}
