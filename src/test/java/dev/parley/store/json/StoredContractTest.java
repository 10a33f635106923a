package dev.parley.store.json;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.ChatStreamEvent.Delta;
import dev.parley.content.MessagePart;
import dev.parley.content.TurnOutput;
import dev.parley.session.ChatMessage;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Frame;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState.Core;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.RunningTurn;
import dev.parley.session.SessionState.Streaming;
import dev.parley.session.SessionState.Waiting;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import dev.parley.testing.Contract;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What is stored and sent as it is stored is what `docs/contract` says. Samples are made of every
/// record of the sealed types, so that a new one, or a new field of one, is held against it too.
final class StoredContractTest {
  private static final TurnId TURN = new TurnId("t-1");
  private static final SessionKey KEY = new SessionKey("user", "demo", "thread");

  @Test
  void everyFrameIsOfTheContractAndNothingElseIs() {
    Stream<Frame> frames =
        Stream.of(
                Samples.of(Frame.class),
                Samples.of(ChatStreamEvent.class).map(e -> new Frame.StreamEvent(TURN, e)),
                Samples.of(TurnOutcome.class)
                    .flatMap(o ->
                        Stream.of(
                            new Frame.SessionStopped(TURN, o, true),
                            new Frame.SessionStopped(TURN, o, false))))
            .flatMap(all -> all);
    List<String> samples =
        Stream.of(
                frames.map(frame -> FrameJson.encode(7, frame)),
                Samples.of(Delta.class).map(d -> joined(d)),
                states().map(state -> ClientStateJson.initialState(state, true, false)),
                states().map(state -> ClientStateJson.initialState(state, false, true)))
            .flatMap(all -> all)
            .toList();
    Contract.assertIsExactly("SessionEvent", samples, "MessagePart");
  }

  private static String joined(Delta delta) {
    String json = FrameJson.encode(4, new Frame.StreamEvent(TURN, delta));
    DeltaText text = Objects.requireNonNull(DeltaText.of(json));
    return text.joined(json, 4, 9, "one two");
  }

  @Test
  void everyStateIsOfTheContract() {
    Contract.assertIsExactly("State", states().map(ClientStateJson::state).toList(), "MessagePart");
  }

  @Test
  void everyMessageIsOfTheContractAndNothingElseIs() {
    List<String> samples =
        Stream.concat(
                Samples.of(ChatMessage.class),
                // with parts of every kind, whatever else it is
                Samples.of(MessagePart.class)
                    .flatMap(part ->
                        Samples.of(ChatMessage.OfAgent.class).limit(1).map(m -> with(m, part))))
            .map(message -> ChatMessageJson.encode(KEY, message))
            .toList();
    Contract.assertIsExactly("ChatMessage", samples);
  }

  private static ChatMessage with(ChatMessage.OfAgent m, MessagePart part) {
    return new ChatMessage.OfAgent(
        m.id(), m.turnId(), List.of(part), m.interrupted(), m.usage(), m.model(), m.at());
  }

  /// Of a session that nothing happened to, and of one whose queue and turn have messages of every
  /// kind.
  private static Stream<Present> states() {
    Streaming silent = SnapshotJsonTest.streaming();
    Core core = silent.core();
    return Stream.concat(
        Stream.of(SnapshotJsonTest.young()),
        Samples.of(UserMessage.class)
            .map(message ->
                new Streaming(
                    new Core(
                        core.key(),
                        core.incarnation(),
                        core.title(),
                        core.model(),
                        core.usage(),
                        core.createdAt(),
                        core.lastActivityAt(),
                        List.of(new Waiting(message, 6)),
                        core.messageCount(),
                        core.lastMessageId(),
                        core.lastMessageAt(),
                        core.receipts(),
                        core.forgotten(),
                        core.eventSeq(),
                        core.frameSeq()),
                    new RunningTurn(
                        silent.turn().turnId(),
                        silent.turn().answerId(),
                        message,
                        silent.turn().startedAt(),
                        silent.turn().firstFrame(),
                        silent.turn().resumedBytes(),
                        silent.turn().spent(),
                        TurnOutput.EMPTY.append(new ChatStreamEvent.TextDelta("1", "word"))))));
  }
}
