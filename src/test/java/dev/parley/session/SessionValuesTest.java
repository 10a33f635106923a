package dev.parley.session;

import static dev.parley.session.SessionSpec.KEY;
import static dev.parley.session.SessionSpec.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.ChatStreamEvent.TextStart;
import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.content.TurnOutput;
import dev.parley.content.Usage;
import dev.parley.session.Command.NewTurn;
import dev.parley.session.Command.Regenerate;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.SessionState.Streaming;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the values of the core hold, and where they end.
class SessionValuesTest {
  private static final Instant AT = Instant.parse("2030-01-01T00:00:00Z");
  private static final NewTurn NEW_TURN = new NewTurn(new TurnId("t2"), new MessageId("a2"));

  @ParameterizedTest
  @ValueSource(strings = {"!", "~", "a-1_B"})
  void takesPrintableAsciiForTheNameOfASend(String name) {
    assertThat(new ClientMessageId(name)).hasToString(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", " ", "\u007f", "\u0000", "ä", "\n"})
  void refusesOtherCharactersInTheNameOfASend(String name) {
    refusesName(name, "clientMessageId is printable ASCII without spaces");
  }

  @Test
  void boundsTheNameOfASend() {
    String longest = "a".repeat(ClientMessageId.LENGTH_MAX);
    assertThat(new ClientMessageId(longest)).hasToString(longest);
    refusesName(longest + "a", "clientMessageId has 1 to 128 characters");
    refusesName("", "clientMessageId has 1 to 128 characters");
  }

  private static void refusesName(String name, String message) {
    assertThatThrownBy(() -> new ClientMessageId(name))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e ->
                assertThat(e.refusal())
                    .isEqualTo(new Refusal.InvalidRequest(message, "clientMessageId")));
  }

  @Test
  void boundsTurnIdsAndIncarnations() {
    String longest = "i".repeat(128);
    assertThat(new TurnId(longest)).hasToString(longest);
    assertThat(new Incarnation(longest)).hasToString(longest);
    for (String wrong : List.of("", longest + "i")) {
      assertThatThrownBy(() -> new TurnId(wrong)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> new Incarnation(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void measuresAMessageWithItsParts() {
    assertThat(message("ä€", null).bytes()).isEqualTo(5);
    assertThat(message("ä€", new JsonText("[\"ä\"]")).bytes()).isEqualTo(11);
  }

  @Test
  void namesAMessageOfHistoryByItsOwnId() {
    assertThat(new ChatMessage.OfUser(message("x", null)).id()).isEqualTo(new MessageId("m"));
    assertThat(
            new ChatMessage.OfAgent(
                    new MessageId("a"), new TurnId("t"), List.of(), false, Usage.NONE, null, AT)
                .id())
        .isEqualTo(new MessageId("a"));
  }

  @Test
  void isAsOldAsTheMessageThatItQueued() {
    assertThat(new Event.MessageQueued(message("x", null), false).at()).isEqualTo(AT);
  }

  @Test
  void callsWebhooksByTheWordOfTheStore() {
    assertThat(Effect.Kind.CALL_WEBHOOK.word()).isEqualTo("call_webhook");
  }

  @Test
  void tellsThatTryingALostStoreAgainMayHelp() {
    assertThat(Refusal.unavailable().code()).isEqualTo(Refusal.Code.UNAVAILABLE);
    assertThat(Refusal.unavailable().retryable()).isTrue();
  }

  @Test
  void keepsEverythingElseWhenWhatWasLookedUpIsPutIntoARegeneration() {
    MessageId id = new MessageId("m");
    ClientMessageId name = new ClientMessageId("c");
    Regenerate asked = new Regenerate(id, null, null, name, null, NEW_TURN, AT);
    Regenerate.Target target = new Regenerate.Target(message("x", null), 3, false);
    SendReceipt receipt = new SendReceipt(id, new TurnId("t"), AT);
    assertThat(asked.of(target).after(receipt))
        .isEqualTo(new Regenerate(id, target, null, name, receipt, NEW_TURN, AT));
  }

  @Test
  void resumesWithWhatTheFramesHold() {
    Streaming begun =
        (Streaming)
            given(
                    new Event.SessionCreated(KEY, new Incarnation("life1"), null, AT),
                    new Event.TurnStarted(
                        new TurnId("t1"), new MessageId("a1"), message("x", null), AT))
                .state();
    TurnOutput said =
        TurnOutput.EMPTY.append(new TextStart("1")).append(new TextDelta("1", "one "));
    Streaming resumed = begun.resume(said, 5);
    assertThat(resumed.turn().output()).isEqualTo(said);
    assertThat(resumed.frameSeq()).isEqualTo(5);
    assertThat(resumed.eventSeq()).isEqualTo(begun.eventSeq());
    assertThat(resumed.turn().turnId()).isEqualTo(begun.turn().turnId());
  }

  @Test
  void boundsTheBytesThatWaitAltogether() {
    // The limit is 10 000 bytes: 6 000 wait, so 4 000 fit and not one more.
    Event[] busy = {
      new Event.SessionCreated(KEY, new Incarnation("life1"), null, AT),
      new Event.TurnStarted(new TurnId("t1"), new MessageId("a1"), message("x", null), AT),
      new Event.MessageQueued(waiting("w1", 3000), false),
      new Event.MessageQueued(waiting("w2", 3000), false)
    };
    UserMessage fits = waiting("w3", 4000);
    var _ =
        given(busy)
            .when(new Command.Send(fits, WhenBusy.QUEUE, null, NEW_TURN))
            .then(new Event.MessageQueued(fits, false))
            .answering(new Reply.Queued(fits, false));
    given(busy)
        .when(new Command.Send(waiting("w3", 4001), WhenBusy.QUEUE, null, NEW_TURN))
        .thenRefused(new Refusal.LimitExceeded("queue", "The queue holds 10000 bytes.", null));
  }

  private static UserMessage waiting(String id, int bytes) {
    return new UserMessage(new MessageId(id), "x".repeat(bytes), null, null, AT);
  }

  private static UserMessage message(String content, @Nullable JsonText parts) {
    return new UserMessage(new MessageId("m"), content, parts, null, AT);
  }
}
