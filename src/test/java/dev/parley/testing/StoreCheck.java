package dev.parley.testing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.testing.Tables.EventRow;
import dev.parley.testing.Tables.FrameRow;
import dev.parley.testing.Tables.MessageRow;
import dev.parley.testing.Tables.Stored;
import dev.parley.testing.Tables.TurnRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Judges one session's rows by one another.
final class StoreCheck {
  private final Stored stored;
  private final Consumer<String> violation;
  private final Map<Long, JsonNode> frames = new HashMap<>();

  StoreCheck(Stored stored, Consumer<String> violation) {
    this.stored = stored;
    this.violation = violation;
  }

  void run() {
    numbers();
    frames();
    events();
  }

  private void numbers() {
    long seq = 0;
    for (FrameRow frame : stored.frames()) {
      follows("frame", ++seq, frame.seq());
      seq = frame.seq();
      frames.put(seq, frame.payload());
      if (frame.payload().path("seq").asLong(-1) != seq || frame.payload().has("firstSeq")) {
        violation.accept("frame " + seq + " does not carry its number");
      }
    }
    if (seq != stored.frameHead()) {
      violation.accept("the frame head is " + stored.frameHead() + ", the last frame " + seq);
    }
    seq = 0;
    long frameSeq = 0;
    for (EventRow event : stored.events()) {
      follows("event", ++seq, event.seq());
      seq = event.seq();
      if (event.frameSeq() < frameSeq || event.frameSeq() > stored.frameHead()) {
        violation.accept("event " + seq + " has the frame head " + event.frameSeq());
      }
      frameSeq = event.frameSeq();
    }
    if (seq != stored.eventHead()) {
      violation.accept("the event head is " + stored.eventHead() + ", the last event " + seq);
    }
  }

  private void follows(String what, long expected, long seq) {
    if (seq != expected) {
      violation.accept(what + " " + seq + " is stored where " + expected + " is due");
    }
  }

  /// Turns as clients are told of them: one at a time, each started and stopped once.
  private void frames() {
    Set<String> known = new HashSet<>();
    Set<String> stopped = new HashSet<>();
    @Nullable String running = null;
    for (FrameRow row : stored.frames()) {
      JsonNode frame = row.payload();
      String turnId = frame.path("turnId").textValue();
      String which = "frame " + row.seq() + " of turn " + turnId + " ";
      switch (frame.path("_tag").asText()) {
        case "SessionStarted" -> {
          if (running != null) {
            violation.accept(which + "starts while turn " + running + " runs");
          }
          if (!known.add(String.valueOf(turnId))) {
            violation.accept(which + "starts it again");
          }
          running = turnId;
        }
        case "StreamEvent" -> {
          if (!Objects.equals(turnId, running)) {
            violation.accept(which + "came while turn " + running + " ran");
          }
        }
        case "SessionStopped" -> {
          if (!Objects.equals(turnId, running)) {
            violation.accept(which + "stops it while turn " + running + " runs");
          }
          if (!stopped.add(String.valueOf(turnId))) {
            violation.accept(which + "stops it again");
          }
          running = null;
        }
        default -> {}
      }
    }
    if (stored.status().equals("streaming") != (running != null)) {
      violation.accept("the session is " + stored.status() + ", its frames run turn " + running);
    }
  }

  /// The rows that follow from the events, and the frames that tell of them.
  private void events() {
    Map<String, TurnRow> turns = new LinkedHashMap<>();
    List<MessageRow> messages = new ArrayList<>();
    Map<String, Long> queued = new HashMap<>();
    @Nullable TurnRow running = null;
    for (EventRow event : stored.events()) {
      JsonNode payload = event.payload();
      String turnId = payload.path("turnId").asText();
      String which = "event " + event.seq() + " of turn " + turnId + " ";
      switch (event.type()) {
        case "MessageQueued" ->
            queued.put(payload.path("message").path("id").asText(), event.seq());
        case "MessagesDiscarded" -> {
          long from = payload.path("fromOrd").asLong();
          messages.replaceAll(row -> row.ord() < from ? row : discarded(row));
        }
        case "TurnStarted", "QueuedTurnStarted", "TurnRegenerated" -> {
          boolean waited = event.type().equals("QueuedTurnStarted");
          String messageId =
              waited
                  ? payload.path("messageId").asText()
                  : payload.path("message").path("id").asText();
          if (running != null) {
            violation.accept(which + "starts while turn " + running.turnId() + " runs");
          }
          running =
              new TurnRow(
                  turnId,
                  messageId,
                  payload.path("answerId").asText(),
                  "streaming",
                  event.frameSeq(),
                  null,
                  null);
          if (turns.put(turnId, running) != null) {
            violation.accept(which + "starts it again");
          }
          if (!event.type().equals("TurnRegenerated")) {
            messages.add(
                new MessageRow(
                    messages.size() + 1,
                    messageId,
                    "user",
                    waited ? queued.getOrDefault(messageId, -1L) : event.seq(),
                    false));
          } else if (!messageId.equals(newest(messages))) {
            violation.accept(
                which + "answers message " + messageId + ", the newest is " + newest(messages));
          }
          started(event, turnId, messageId);
        }
        case "TurnEnded" -> {
          if (running == null || !running.turnId().equals(turnId)) {
            violation.accept(which + "ends a turn that does not run");
          } else {
            turns.put(turnId, ended(running, event));
            if (!payload.path("answer").isEmpty()) {
              messages.add(
                  new MessageRow(
                      messages.size() + 1,
                      running.answerId(),
                      "assistant",
                      event.seq(),
                      payload.path("discarded").asBoolean()));
            }
            stopped(event, running);
            running = null;
          }
        }
        default -> {}
      }
    }
    compare("turn", List.copyOf(turns.values()), stored.turns(), TurnRow::turnId);
    compare("message", messages, stored.messages(), MessageRow::messageId);
  }

  /// The newest message of history; none when all have left it.
  private static @Nullable String newest(List<MessageRow> messages) {
    return messages.reversed().stream()
        .filter(row -> !row.discarded())
        .map(MessageRow::messageId)
        .findFirst()
        .orElse(null);
  }

  private static MessageRow discarded(MessageRow row) {
    return new MessageRow(row.ord(), row.messageId(), row.role(), row.eventSeq(), true);
  }

  private void started(EventRow event, String turnId, String messageId) {
    JsonNode start = frames.get(event.frameSeq());
    JsonNode told = frames.get(event.frameSeq() - 1);
    if (start == null
        || told == null
        || !start.path("turnId").asText().equals(turnId)
        || !start.path("event").path("type").asText().equals("start")
        || !told.path("_tag").asText().equals("SessionStarted")
        || !told.path("messageId").asText().equals(messageId)) {
      violation.accept("event " + event.seq() + " starts turn " + turnId + ", its frames do not");
    }
  }

  private void stopped(EventRow event, TurnRow turn) {
    JsonNode frame = frames.get(event.frameSeq());
    JsonNode outcome = event.payload().path("outcome");
    boolean same =
        frame != null
            && frame.path("_tag").asText().equals("SessionStopped")
            && frame.path("turnId").asText().equals(turn.turnId())
            && frame.path("reason").equals(outcome.path("reason"))
            && frame.path("discarded").asBoolean() == event.payload().path("discarded").asBoolean();
    if (!same) {
      violation.accept(
          "event "
              + event.seq()
              + " ends turn "
              + turn.turnId()
              + ", its last frame does not say so");
    }
    if (!said(turn.firstFrame(), event.frameSeq()).equals(kept(event.payload().path("answer")))) {
      violation.accept(
          "event "
              + event.seq()
              + " keeps another text of turn "
              + turn.turnId()
              + " than its frames have");
    }
  }

  private static TurnRow ended(TurnRow running, EventRow event) {
    JsonNode outcome = event.payload().path("outcome");
    String reason = outcome.path("reason").asText();
    String detail =
        switch (reason) {
          case "completed" -> outcome.path("finishReason").textValue();
          case "interrupted" -> outcome.path("detail").textValue();
          default -> outcome.path("error").path("code").textValue();
        };
    return new TurnRow(
        running.turnId(),
        running.messageId(),
        running.answerId(),
        reason,
        running.firstFrame(),
        event.frameSeq(),
        detail);
  }

  /// The texts of a turn's text and reasoning parts, in the order the parts began.
  private List<String> said(long firstFrame, long lastFrame) {
    List<StringBuilder> parts = new ArrayList<>();
    Map<String, StringBuilder> open = new HashMap<>();
    for (long seq = firstFrame; seq <= lastFrame; seq++) {
      JsonNode frame = frames.get(seq);
      JsonNode event = frame == null ? null : frame.get("event");
      if (event == null) {
        continue;
      }
      String type = event.path("type").asText();
      String kind = type.startsWith("text-") ? "text " : "reasoning ";
      String part = kind + event.path("id").asText();
      switch (type) {
        case "text-start", "reasoning-start" -> {
          open.put(part, new StringBuilder(kind));
          parts.add(open.get(part));
        }
        case "text-delta", "reasoning-delta" ->
            open.computeIfAbsent(
                    part,
                    _ -> {
                      parts.add(new StringBuilder(kind));
                      return parts.getLast();
                    })
                .append(event.path("delta").asText());
        default -> {}
      }
    }
    return parts.stream().map(StringBuilder::toString).toList();
  }

  private static List<String> kept(JsonNode answer) {
    List<String> texts = new ArrayList<>();
    for (JsonNode part : answer) {
      String type = part.path("type").asText();
      if (type.equals("text") || type.equals("reasoning")) {
        texts.add(type + " " + part.path("text").asText());
      }
    }
    return texts;
  }

  private interface Id<T> {
    String of(T row);
  }

  private <T> void compare(String what, List<T> expected, List<T> actual, Id<T> id) {
    for (T row : expected) {
      if (!actual.contains(row)) {
        violation.accept("the row of " + what + " " + id.of(row) + " does not follow from events");
      }
    }
    for (T row : actual) {
      if (expected.stream().noneMatch(other -> id.of(other).equals(id.of(row)))) {
        violation.accept("no event makes the row of " + what + " " + id.of(row));
      }
    }
    if (expected.size() != actual.size()) {
      violation.accept(actual.size() + " rows of " + what + "s, events make " + expected.size());
    }
  }
}
