package dev.parley.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.MessageId;
import dev.parley.content.TurnOutput;
import dev.parley.content.Usage;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Incarnation;
import dev.parley.session.SendReceipt;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState.Core;
import dev.parley.session.SessionState.Idle;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.RunningTurn;
import dev.parley.session.SessionState.Streaming;
import dev.parley.session.SessionState.Waiting;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SnapshotJsonTest {
  private static final Instant AT = Instant.parse("2030-01-02T03:04:05.067Z");

  @Test
  void readsAStateAsItWasWritten() {
    for (Present state : List.of(young(), idle(), streaming())) {
      assertThat(SnapshotJson.decode(SnapshotJson.encode(state))).isEqualTo(state);
    }
  }

  @Test
  void keepsTheOrderOfReceipts() {
    Core core = SnapshotJson.decode(SnapshotJson.encode(idle())).core();
    assertThat(core.receipts().sequencedKeySet())
        .containsExactly(new ClientMessageId("c-2"), new ClientMessageId("c-1"));
  }

  @Test
  void leavesOutWhatARunningTurnHasSaid() {
    Streaming silent = streaming();
    TurnOutput output = TurnOutput.EMPTY.append(new ChatStreamEvent.TextDelta("1", "word"));
    RunningTurn turn = silent.turn();
    Streaming talking =
        new Streaming(
            silent.core(),
            new RunningTurn(
                turn.turnId(),
                turn.answerId(),
                turn.message(),
                turn.startedAt(),
                turn.firstFrame(),
                turn.resumedBytes(),
                turn.spent(),
                output));
    assertThat(SnapshotJson.encode(talking)).isEqualTo(SnapshotJson.encode(silent));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "{\"v\":2}", "[]", "{\"v\":1}", "{\"v\":1,\"queue\":[{}]}"})
  void refusesToReadAnotherVersionOrDamage(String payload) {
    assertThatThrownBy(() -> SnapshotJson.decode(payload)).isInstanceOf(UnreadableException.class);
  }

  @Test
  void refusesToReadADamagedReceipt() {
    String damaged = SnapshotJson.encode(idle()).replace("[\"c-2\",", "[");
    assertThatThrownBy(() -> SnapshotJson.decode(damaged)).isInstanceOf(UnreadableException.class);
  }

  /// A session that nothing has happened to.
  static Idle young() {
    return new Idle(
        new Core(
            new SessionKey("user", "demo", "thread"),
            new Incarnation("i-1"),
            null,
            null,
            Usage.NONE,
            AT,
            AT,
            List.of(),
            0,
            null,
            null,
            new LinkedHashMap<>(),
            false,
            1,
            0));
  }

  static Idle idle() {
    SequencedMap<ClientMessageId, SendReceipt> receipts = new LinkedHashMap<>();
    receipts.put(
        new ClientMessageId("c-2"), new SendReceipt(new MessageId("m-1"), new TurnId("t-1"), AT));
    receipts.put(new ClientMessageId("c-1"), new SendReceipt(new MessageId("m-2"), null, AT));
    return new Idle(
        new Core(
            new SessionKey("user", "demo", "thread"),
            new Incarnation("i-1"),
            "Title \"quoted\"",
            "demo-1",
            new Usage(1, 2, 3, 4),
            AT,
            AT.plusSeconds(9),
            List.of(
                new Waiting(
                    new UserMessage(
                        new MessageId("m-3"),
                        "wörd 😀",
                        CanonicalJson.of("[ {\"type\": \"text\", \"n\": 1.50} ]"),
                        new ClientMessageId("c-3"),
                        AT.plusSeconds(3)),
                    6)),
            4,
            new MessageId("m-2"),
            AT.plusSeconds(2),
            receipts,
            true,
            6,
            40));
  }

  static Streaming streaming() {
    return new Streaming(
        idle().core(),
        new RunningTurn(
            new TurnId("t-4"),
            new MessageId("a-4"),
            new UserMessage(new MessageId("m-4"), "hello", null, null, AT.plusSeconds(4)),
            AT.plusSeconds(5),
            38,
            RunningTurn.NEVER_RESUMED,
            Usage.NONE,
            TurnOutput.EMPTY));
  }
}
