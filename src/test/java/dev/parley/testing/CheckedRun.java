package dev.parley.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.testing.Tables.EventRow;
import dev.parley.testing.Tables.FrameRow;
import dev.parley.testing.Tables.MessageRow;
import dev.parley.testing.Tables.Stored;
import dev.parley.testing.Tables.TurnRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A run that is as it should be, written down by hand, for spoiling in one place at a time: one
/// turn that completed, and one that runs for a message that had to wait.
final class CheckedRun {
  static final String SESSION = "ann:demo:t";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  final List<EventRow> events = new ArrayList<>();
  final List<FrameRow> frames = new ArrayList<>();
  final List<TurnRow> turns = new ArrayList<>();
  final List<MessageRow> messages = new ArrayList<>();
  String status = "streaming";
  long eventHead = 5;
  long frameHead = 17;

  /// Saw everything as it came.
  final ClientLog early = new ClientLog("early", SESSION);

  /// Came in the middle of the first turn, was cut off at its end and resumed.
  final ClientLog late = new ClientLog("late", SESSION);

  /// Resumed far behind and got deltas joined.
  final ClientLog behind = new ClientLog("behind", SESSION);

  CheckedRun() {
    frame("'_tag':'UserMessage','message':{'id':'m1','content':'hi'}");
    frame("'_tag':'SessionStarted','turnId':'turn1','messageId':'m1'");
    said("turn1", "'type':'start','messageId':'a1'");
    said("turn1", "'type':'text-start','id':'t'");
    said("turn1", "'type':'text-delta','id':'t','delta':'1 '");
    said("turn1", "'type':'text-delta','id':'t','delta':'2 '");
    frame("'_tag':'MessageQueued','message':{'id':'m2','content':'next'}");
    said("turn1", "'type':'text-delta','id':'t','delta':'3 '");
    said("turn1", "'type':'text-end','id':'t'");
    said("turn1", "'type':'finish','finishReason':'stop'");
    frame("'_tag':'SessionStopped','turnId':'turn1','reason':'completed','finishReason':'stop'");
    frame("'_tag':'MessageDequeued','messageId':'m2','reason':'started'");
    frame("'_tag':'UserMessage','message':{'id':'m2','content':'next'}");
    frame("'_tag':'SessionStarted','turnId':'turn2','messageId':'m2'");
    said("turn2", "'type':'start','messageId':'a2'");
    said("turn2", "'type':'text-start','id':'t'");
    said("turn2", "'type':'text-delta','id':'t','delta':'4 '");

    event("SessionCreated", 0, "'key':'ann:demo:t'");
    event(
        "TurnStarted",
        3,
        "'turnId':'turn1','answerId':'a1','message':{'id':'m1','clientMessageId':'c1'}");
    event("MessageQueued", 7, "'message':{'id':'m2','clientMessageId':'c2'}");
    event(
        "TurnEnded",
        11,
        "'turnId':'turn1','answerId':'a1','outcome':{'reason':'completed','finishReason':'stop'},"
            + "'answer':[{'type':'text','text':'1 2 3 '}]");
    event("QueuedTurnStarted", 15, "'turnId':'turn2','answerId':'a2','messageId':'m2'");

    turns.add(new TurnRow("turn1", "m1", "a1", "completed", 3, 11L, "stop"));
    turns.add(new TurnRow("turn2", "m2", "a2", "streaming", 15, null, null));
    messages.add(new MessageRow(1, "m1", "user", 2, false));
    messages.add(new MessageRow(2, "a1", "assistant", 4, false));
    messages.add(new MessageRow(3, "m2", "user", 3, false));

    early.subscribing(null);
    early.received(initial(0, null, "", "", false));
    receive(early, 1, 17);
    early.acknowledged("m1");
    early.acknowledged("m2");

    late.subscribing(null);
    late.received(
        initial(
            6,
            "turn1",
            "",
            "{'type':'start','messageId':'a1'},{'type':'text-start','id':'t'},"
                + "{'type':'text-delta','id':'t','delta':'1 2 '}",
            false));
    receive(late, 7, 11);
    late.subscribing(11L);
    late.received(initial(14, "turn2", "", "", false));
    receive(late, 12, 17);

    behind.subscribing(null);
    behind.received(initial(2, "turn1", "", "", false));
    receive(behind, 3, 4);
    behind.subscribing(4L);
    behind.received(initial(7, "turn1", "'m2'", "", false));
    behind.received(
        json(
            "{'_tag':'StreamEvent','firstSeq':5,'seq':6,'turnId':'turn1',"
                + "'event':{'type':'text-delta','id':'t','delta':'1 2 '}}"));
    receive(behind, 7, 17);
  }

  /// The second turn is stopped, its message is answered again, and the session is renamed and
  /// deleted.
  void goOn() {
    said("turn2", "'type':'abort'");
    frame("'_tag':'SessionStopped','turnId':'turn2','reason':'interrupted','discarded':true");
    event(
        "TurnEnded",
        19,
        "'turnId':'turn2','answerId':'a2','discarded':true,"
            + "'outcome':{'reason':'interrupted','detail':'interrupted'},"
            + "'answer':[{'type':'text','text':'4 '}]");
    turns.set(1, new TurnRow("turn2", "m2", "a2", "interrupted", 15, 19L, "interrupted"));
    messages.add(new MessageRow(4, "a2", "assistant", 6, true));

    frame("'_tag':'MessagesDiscarded','fromMessageId':'m2','inclusive':false");
    event("MessagesDiscarded", 20, "'messageId':'m2','inclusive':false,'fromOrd':4");
    frame("'_tag':'UserMessage','message':{'id':'m2','content':'next'}");
    frame("'_tag':'SessionStarted','turnId':'turn3','messageId':'m2'");
    said("turn3", "'type':'start','messageId':'a3'");
    event(
        "TurnRegenerated",
        23,
        "'turnId':'turn3','answerId':'a3','clientMessageId':'again',"
            + "'message':{'id':'m2','clientMessageId':'c2'}");

    said("turn3", "'type':'abort'");
    frame("'_tag':'SessionStopped','turnId':'turn3','reason':'interrupted'");
    event(
        "TurnEnded",
        25,
        "'turnId':'turn3','answerId':'a3','answer':[],"
            + "'outcome':{'reason':'interrupted','detail':'deleted'}");
    turns.add(new TurnRow("turn3", "m2", "a3", "interrupted", 23, 25L, "deleted"));
    frame("'_tag':'SessionRenamed','title':'T'");
    event("SessionRenamed", 26, "'title':'T'");
    frame("'_tag':'SessionDeleted','sessionId':'" + SESSION + "'");
    event("SessionDeleted", 27, "'at':'now'");
    status = "idle";
    eventHead = events.size();
    frameHead = frames.size();
  }

  List<String> check() {
    Stored stored =
        new Stored(SESSION, "life1", status, eventHead, frameHead, events, frames, turns, messages);
    return Checker.check(new Tables(Map.of(SESSION, stored)), List.of(early, late, behind));
  }

  /// A client that has what a first subscription at the beginning gives, up to this frame.
  ClientLog another(long upTo) {
    ClientLog log = new ClientLog("another", SESSION);
    log.subscribing(null);
    log.received(initial(0, null, "", "", false));
    receive(log, 1, upTo);
    return log;
  }

  /// The judgement of one more client alone.
  List<String> check(ClientLog log) {
    Stored stored =
        new Stored(SESSION, "life1", status, eventHead, frameHead, events, frames, turns, messages);
    return Checker.check(new Tables(Map.of(SESSION, stored)), List.of(log));
  }

  void receive(ClientLog log, long from, long to) {
    for (long seq = from; seq <= to; seq++) {
      log.received(frames.get((int) seq - 1).payload());
    }
  }

  static JsonNode initial(
      long seq, @Nullable String turnId, String queue, String buffer, boolean reset) {
    String context = turnId == null ? "" : ",'turnContext':{'turnId':'" + turnId + "'}";
    String messages = queue.isEmpty() ? "" : "{'id':" + queue + "}";
    return json(
        "{'_tag':'InitialState','snapshot':{'status':'%s','activeTurnId':%s,'queue':[%s]},"
                .formatted(
                    turnId == null ? "idle" : "streaming",
                    turnId == null ? "null" : "'" + turnId + "'",
                    messages)
            + "'buffer':[%s],'seq':%d,'incarnation':'life1','reset':%b%s}"
                .formatted(buffer, seq, reset, context));
  }

  static JsonNode json(String text) {
    try {
      return MAPPER.readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  /// Appends a frame under the next number.
  void frame(String fields) {
    long seq = frames.size() + 1L;
    frames.add(new FrameRow(seq, json("{" + fields + ",'seq':" + seq + "}")));
  }

  void said(String turnId, String event) {
    frame("'_tag':'StreamEvent','turnId':'" + turnId + "','event':{" + event + "}");
  }

  void event(String type, long frameSeq, String fields) {
    events.add(new EventRow(events.size() + 1L, type, frameSeq, json("{" + fields + "}")));
  }
}
