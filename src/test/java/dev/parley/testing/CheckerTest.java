package dev.parley.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.ClientLog.Answer;
import dev.parley.testing.Tables.FrameRow;
import dev.parley.testing.Tables.MessageRow;
import dev.parley.testing.Tables.TurnRow;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The checker must find every violation that is put into a good run, and none in the good one.
class CheckerTest {
  @Test
  void findsNothingInAGoodRun() {
    assertThat(new CheckedRun().check()).isEmpty();
  }

  @Test
  void findsNothingInAGoodReset() {
    CheckedRun run = new CheckedRun();
    ClientLog log = run.another(5);
    log.subscribing(5L);
    log.received(
        CheckedRun.initial(
            16,
            "turn2",
            "",
            "{'type':'start','messageId':'a2'},{'type':'text-start','id':'t'}",
            true));
    run.receive(log, 17, 17);
    assertThat(run.check(log)).isEmpty();
    assertThat(log.cursor()).isEqualTo(17);
  }

  @Test
  void findsNothingInAGoodRunToItsEnd() {
    CheckedRun run = new CheckedRun();
    run.goOn();
    assertThat(run.check()).isEmpty();
  }

  private interface Spoil {
    void accept(CheckedRun run);
  }

  private static DynamicTest store(String name, String found, Spoil spoil) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          CheckedRun run = new CheckedRun();
          spoil.accept(run);
          assertThat(run.check()).anyMatch(violation -> violation.contains(found));
        });
  }

  @TestFactory
  Stream<DynamicTest> findsWhatIsWrongInTheStore() {
    return Stream.of(
        store("a frame is lost", "where 8 is due", run -> run.frames.remove(7)),
        store("the last frame is lost", "the frame head is 17", run -> run.frames.removeLast()),
        store("a frame too many", "the frame head is 17", run -> run.said("turn2", "'type':'x'")),
        store("an event is lost", "where 3 is due", run -> run.events.remove(2)),
        store("the event head is off", "the event head is 6", run -> run.eventHead = 6),
        store(
            "a frame carries another number",
            "does not carry its number",
            run -> run.frames.set(4, new FrameRow(5, run.frames.get(5).payload()))),
        store(
            "a stored frame is joined",
            "does not carry its number",
            run ->
                run.frames.set(
                    0, new FrameRow(1, CheckedRun.json("{'seq':1,'firstSeq':1,'_tag':'x'}")))),
        store(
            "a turn stops twice",
            "stops it again",
            run -> {
              run.frameHead = 18;
              run.frame("'_tag':'SessionStopped','turnId':'turn1','reason':'completed'");
            }),
        store(
            "a turn says something after its end",
            "of turn turn1 came while turn turn2 ran",
            run -> {
              run.frameHead = 18;
              run.said("turn1", "'type':'text-delta','id':'t','delta':'late'");
            }),
        store(
            "a turn starts while another runs",
            "starts while turn turn2 runs",
            run -> {
              run.frameHead = 18;
              run.frame("'_tag':'SessionStarted','turnId':'turn3','messageId':'m3'");
            }),
        store(
            "the running turn stopped in the frames only",
            "its frames run turn null",
            run -> {
              run.frameHead = 18;
              run.frame("'_tag':'SessionStopped','turnId':'turn2','reason':'interrupted'");
            }),
        store(
            "a turn ends twice in the events",
            "ends a turn that does not run",
            run -> {
              run.eventHead = 6;
              run.event("TurnEnded", 17, "'turnId':'turn1','outcome':{'reason':'completed'}");
            }),
        store(
            "an end without its frame",
            "its last frame does not say so",
            run -> {
              run.eventHead = 6;
              run.event("TurnEnded", 17, "'turnId':'turn2','outcome':{'reason':'completed'}");
            }),
        store(
            "an end with another reason than its frame",
            "its last frame does not say so",
            run ->
                run.events.set(
                    3,
                    new Tables.EventRow(
                        4,
                        "TurnEnded",
                        11,
                        CheckedRun.json(
                            "{'turnId':'turn1','outcome':{'reason':'interrupted'},"
                                + "'answer':[{'type':'text','text':'1 2 3 '}]}")))),
        store(
            "an answer that is not what was streamed",
            "keeps another text",
            run ->
                run.events.set(
                    3,
                    new Tables.EventRow(
                        4,
                        "TurnEnded",
                        11,
                        CheckedRun.json(
                            "{'turnId':'turn1','answerId':'a1',"
                                + "'outcome':{'reason':'completed','finishReason':'stop'},"
                                + "'answer':[{'type':'text','text':'1 2 '}]}")))),
        store(
            "a start whose frames are elsewhere",
            "its frames do not",
            run ->
                run.events.set(
                    1, new Tables.EventRow(2, "TurnStarted", 2, run.events.get(1).payload()))),
        store(
            "a frame head that goes back",
            "has the frame head 2",
            run ->
                run.events.set(
                    2, new Tables.EventRow(3, "MessageQueued", 2, run.events.get(2).payload()))),
        store("a turn row is lost", "turn turn1", run -> run.turns.removeFirst()),
        store(
            "a turn row that no event makes",
            "no event makes the row of turn turn9",
            run -> run.turns.add(new TurnRow("turn9", "m", "a", "streaming", 1, null, null))),
        store(
            "a turn row that missed the end",
            "turn turn1 does not follow",
            run -> run.turns.set(0, new TurnRow("turn1", "m1", "a1", "streaming", 3, null, null))),
        store("a message row is lost", "message a1", run -> run.messages.remove(1)),
        store(
            "messages in another order",
            "message a1 does not follow",
            run -> {
              run.messages.set(1, new MessageRow(3, "a1", "assistant", 4, false));
              run.messages.set(2, new MessageRow(2, "m2", "user", 3, false));
            }),
        store(
            "a message row that is discarded by itself",
            "message a1 does not follow",
            run -> run.messages.set(1, new MessageRow(2, "a1", "assistant", 4, true))),
        store(
            "a session that lists show as idle",
            "the session is idle",
            run -> run.status = "idle"));
  }

  /// As [#store], for a run that goes on to the session's end.
  private static DynamicTest end(String name, String found, Spoil spoil) {
    return store(
        name,
        found,
        run -> {
          run.goOn();
          spoil.accept(run);
        });
  }

  @TestFactory
  Stream<DynamicTest> findsWhatIsWrongInTheOrderOfEvents() {
    return Stream.of(
        end(
            "a message that overtakes another",
            "starts message m2, and the queue is [m9]",
            run -> replace(run, 3, "MessageQueued", "'message':{'id':'m9'}", "MessageQueued")),
        end(
            "a message taken out that does not wait",
            "takes out a message that does not wait",
            run -> replace(run, 10, "MessageRemoved", "'messageId':'m2'", "SessionRenamed")),
        end(
            "an answer to a message that has left history",
            "answers message m2, the newest is a1",
            run ->
                replace(
                    run,
                    7,
                    "MessagesDiscarded",
                    "'messageId':'m2','inclusive':true,'fromOrd':3",
                    "MessagesDiscarded")),
        end(
            "a message that left history and is shown",
            "message a1 does not follow",
            run ->
                replace(
                    run,
                    7,
                    "MessagesDiscarded",
                    "'messageId':'m1','inclusive':false,'fromOrd':2",
                    "MessagesDiscarded")),
        end(
            "a new title that nobody is told",
            "SessionRenamed, is not told by its frame",
            run -> replace(run, 10, "SessionRenamed", "'title':'other'", "SessionRenamed")),
        end(
            "something after the end",
            "SessionDeleted, is not the last",
            run -> {
              run.event("SessionTouched", 27, "'at':'now'");
              run.eventHead++;
            }),
        end(
            "an end that nobody is told",
            "SessionDeleted, is not told by its frame",
            run ->
                run.frames.set(
                    26, new FrameRow(27, CheckedRun.json("{'_tag':'SessionRenamed','seq':27}")))),
        end(
            "a session that is created twice",
            "SessionCreated, stands where it cannot",
            run -> replace(run, 10, "SessionCreated", "'key':'k'", "SessionRenamed")));
  }

  /// Puts another event in the place of one.
  private static void replace(
      CheckedRun run, int seq, String type, String fields, String formerType) {
    Tables.EventRow former = run.events.get(seq - 1);
    assertThat(former.type()).isEqualTo(formerType);
    run.events.set(
        seq - 1,
        new Tables.EventRow(seq, type, former.frameSeq(), CheckedRun.json("{" + fields + "}")));
  }

  private interface Misleading {
    void accept(CheckedRun run, ClientLog log);
  }

  /// Spoils what a client was told after its first ten frames.
  private static DynamicTest client(String name, String found, Misleading misleading) {
    return DynamicTest.dynamicTest(
        name,
        () -> {
          CheckedRun run = new CheckedRun();
          ClientLog log = run.another(10);
          misleading.accept(run, log);
          assertThat(run.check(log)).anyMatch(violation -> violation.contains(found));
        });
  }

  @TestFactory
  Stream<DynamicTest> findsWhatIsWrongWithAClient() {
    return Stream.of(
        client("a gap", "a gap: after 10 came 12", (run, log) -> run.receive(log, 12, 13)),
        client("a double", "a double: after 10 came 10", (run, log) -> run.receive(log, 10, 11)),
        client(
            "a double after a resume",
            "a double: after 10 came 9",
            (run, log) -> {
              log.subscribing(10L);
              log.received(CheckedRun.initial(10, "turn1", "'m2'", "", false));
              run.receive(log, 9, 11);
            }),
        client(
            "a gap after a resume",
            "a gap: after 10 came 12",
            (run, log) -> {
              log.subscribing(10L);
              log.received(CheckedRun.initial(17, "turn2", "", "", false));
              run.receive(log, 12, 17);
            }),
        client(
            "a gap hidden in a joined event",
            "a gap: after 10 came 16",
            (_, log) ->
                log.received(
                    CheckedRun.json(
                        "{'_tag':'StreamEvent','firstSeq':16,'seq':17,'turnId':'turn2'}"))),
        client(
            "a token that is not stored",
            "frame 11 was seen and is not stored",
            (run, log) -> {
              run.receive(log, 11, 11);
              run.frames.remove(10);
            }),
        client(
            "another text than the stored one",
            "frame 11 differs",
            (_, log) ->
                log.received(
                    CheckedRun.json(
                        "{'_tag':'SessionStopped','turnId':'turn1','reason':'error','seq':11}"))),
        client(
            "a joined delta with a token too few",
            "frame 6 differs",
            (_, log) -> {
              log.subscribing(4L);
              log.received(CheckedRun.initial(6, "turn1", "", "", false));
              log.received(
                  CheckedRun.json(
                      "{'_tag':'StreamEvent','firstSeq':5,'seq':6,'turnId':'turn1',"
                          + "'event':{'type':'text-delta','id':'t','delta':'1 '}}"));
            }),
        client(
            "frames joined that do not belong together",
            "frame 8 differs",
            (_, log) -> {
              log.subscribing(5L);
              log.received(CheckedRun.initial(8, "turn1", "'m2'", "", false));
              log.received(
                  CheckedRun.json(
                      "{'_tag':'StreamEvent','firstSeq':6,'seq':8,'turnId':'turn1',"
                          + "'event':{'type':'text-delta','id':'t','delta':'2 3 '}}"));
            }),
        client(
            "an event without a number",
            "no usable number",
            (_, log) -> log.received(CheckedRun.json("{'_tag':'StreamEvent'}"))),
        client(
            "no initial state",
            "and not the initial state",
            (run, log) -> {
              log.subscribing(10L);
              run.receive(log, 11, 11);
            }),
        client(
            "a second initial state",
            "a second initial state",
            (_, log) -> log.received(CheckedRun.initial(10, "turn1", "'m2'", "", false))),
        client(
            "an initial state from the future",
            "the initial state at 18 is not stored",
            (_, log) -> {
              log.subscribing(10L);
              log.received(CheckedRun.initial(18, "turn2", "", "", false));
            }),
        client(
            "an initial state behind the cursor",
            "behind the cursor 10",
            (_, log) -> {
              log.subscribing(10L);
              log.received(CheckedRun.initial(8, "turn1", "'m2'", "", false));
            }),
        client(
            "an initial state with another turn",
            "has the active turn turn1",
            (_, log) -> {
              log.subscribing(10L);
              log.received(CheckedRun.initial(17, "turn1", "", "", false));
            }),
        client(
            "an initial state with another queue",
            "has the queue",
            (_, log) -> {
              log.subscribing(10L);
              log.received(CheckedRun.initial(17, "turn2", "'m2'", "", false));
            }),
        client(
            "an initial state of another incarnation",
            "another incarnation",
            (_, log) -> {
              log.subscribing(10L);
              log.received(
                  CheckedRun.json(
                      CheckedRun.initial(10, "turn1", "'m2'", "", false)
                          .toString()
                          .replace("life1", "life2")));
            }),
        client(
            "a buffer with a token too few",
            "a buffer that differs",
            (_, log) -> {
              log.subscribing(null);
              log.received(
                  CheckedRun.initial(
                      5,
                      "turn1",
                      "",
                      "{'type':'start','messageId':'a1'},{'type':'text-start','id':'t'}",
                      false));
            }),
        client(
            "a buffer on a resume",
            "a buffer on a resume",
            (_, log) -> {
              log.subscribing(10L);
              log.received(
                  CheckedRun.initial(10, "turn1", "'m2'", "{'type':'text-start','id':'t'}", false));
            }),
        client(
            "a resume after what was never seen",
            "had seen only up to 10",
            (_, log) -> log.subscribing(12L)),
        client(
            "something after the session was deleted",
            "came after SessionDeleted",
            (run, log) -> {
              log.received(CheckedRun.json("{'_tag':'SessionDeleted','seq':11}"));
              run.receive(log, 11, 11);
            }),
        client(
            "an acknowledged message that is lost",
            "message m3 was acknowledged and is not stored",
            (_, log) -> log.acknowledged("m3")),
        client(
            "an answered state with another turn",
            "the answered state at 17 has the active turn turn1",
            (_, log) -> log.answered(state(17, "turn1", "[]"))),
        client(
            "an answered state with another queue",
            "the answered state at 11 has the queue [m1]",
            (_, log) -> log.answered(state(11, null, "[{'id':'m1'}]"))),
        client(
            "an answered state from the future",
            "the answered state at 18 is not stored",
            (_, log) -> log.answered(state(18, "turn2", "[]"))),
        client(
            "a taken send that is lost",
            "answered with message m3, stored is null",
            (_, log) -> log.answered(new Answer.Sent("c3", "m3", null))),
        client(
            "a send that was answered in two ways",
            "and then with",
            (_, log) -> {
              log.answered(new Answer.Sent("c1", "m1", "turn1"));
              log.answered(new Answer.Sent("c1", "m1", null));
            }),
        client(
            "a send that was answered with another's turn",
            "turn2, which is not its",
            (_, log) -> log.answered(new Answer.Sent("c1", "m1", "turn2"))),
        client(
            "a refused send that is stored",
            "the send c2 was refused and is stored",
            (_, log) -> log.answered(new Answer.Refused("c2"))),
        client(
            "a send that is stored twice",
            "the send c1 is stored again by event 6",
            (run, _) -> {
              run.eventHead = 6;
              run.event("MessageQueued", 17, "'message':{'id':'m3','clientMessageId':'c1'}");
            }),
        client(
            "a call to answer again that is stored twice",
            "the send c1 is stored again by event 6",
            (run, _) -> {
              run.eventHead = 6;
              run.event(
                  "TurnRegenerated",
                  17,
                  "'turnId':'turn3','message':{'id':'m1'},'clientMessageId':'c1'");
            }),
        client(
            "an interrupt that no frame tells of",
            "turn turn1 was answered to be interrupted by frame 11",
            (_, log) -> log.answered(new Answer.Interrupted("turn1", 11))),
        client(
            "an interrupt beyond the last frame",
            "turn turn2 was answered to be interrupted by frame 18",
            (_, log) -> log.answered(new Answer.Interrupted("turn2", 18))),
        client(
            "a removal that no frame tells of",
            "message m2 was answered to be removed",
            (_, log) -> log.answered(new Answer.Removed("m2"))));
  }

  @Test
  void findsNothingInAnswersThatAreTrue() {
    CheckedRun run = new CheckedRun();
    ClientLog log = run.another(10);
    log.answered(new Answer.Sent("c1", "m1", "turn1"));
    log.answered(new Answer.Sent("c1", "m1", "turn1"));
    log.answered(new Answer.Refused("c1"));
    log.answered(new Answer.Refused("c9"));
    log.answered(new Answer.Unanswered("c2"));
    log.answered(new Answer.Refused("c2"));
    log.answered(state(10, "turn1", "[{'id':'m2'}]"));
    log.answered(state(17, "turn2", "[]"));
    assertThat(run.check(log)).isEmpty();
  }

  private static Answer state(long seq, @Nullable String turnId, String queue) {
    return new Answer.State(
        CheckedRun.json(
            "{'status':'%s','activeTurnId':%s,'queue':%s,'seq':%d}"
                .formatted(
                    turnId == null ? "idle" : "streaming",
                    turnId == null ? "null" : "'" + turnId + "'",
                    queue,
                    seq)));
  }

  @Test
  void findsASessionThatIsNotStored() {
    assertThat(
            Checker.check(new Tables(Map.of()), List.of(new ClientLog("one", CheckedRun.SESSION))))
        .containsExactly("session ann:demo:t, client one: the session is not stored");
  }

  @Test
  void tellsIdsAndNoContent() {
    CheckedRun run = new CheckedRun();
    run.events.set(
        3,
        new Tables.EventRow(
            4, "TurnEnded", 11, CheckedRun.json("{'answer':[{'type':'text','text':'secret'}]}")));
    ClientLog log = run.another(10);
    log.received(
        CheckedRun.json(
            "{'_tag':'UserMessage','message':{'id':'m1','content':'secret'},'seq':11}"));
    assertThat(run.check(log)).isNotEmpty().noneMatch(violation -> violation.contains("secret"));
  }
}
