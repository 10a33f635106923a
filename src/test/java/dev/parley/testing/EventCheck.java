package dev.parley.testing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.testing.Tables.EventRow;
import dev.parley.testing.Tables.FrameRow;
import dev.parley.testing.Tables.Stored;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Judges the order of one session's events: it is created first and deleted last, its queue is
/// taken from in the order in which it was filled, and what clients have to be told they are told.
final class EventCheck {
  private final Stored stored;
  private final Consumer<String> violation;
  private final Map<Long, JsonNode> frames = new HashMap<>();
  private final List<String> queue = new ArrayList<>();

  EventCheck(Stored stored, Consumer<String> violation) {
    this.stored = stored;
    this.violation = violation;
    for (FrameRow frame : stored.frames()) {
      frames.put(frame.seq(), frame.payload());
    }
  }

  void run() {
    for (EventRow event : stored.events()) {
      JsonNode payload = event.payload();
      if (event.type().equals("SessionCreated") != (event.seq() == 1)) {
        violation.accept(which(event) + "stands where it cannot");
      }
      switch (event.type()) {
        case "MessageQueued" -> {
          String messageId = payload.path("message").path("id").asText();
          queue.add(payload.path("first").asBoolean() ? 0 : queue.size(), messageId);
          told(event, "MessageQueued", "/message/id", messageId);
        }
        case "MessageRemoved" -> {
          if (!queue.remove(payload.path("messageId").asText())) {
            violation.accept(which(event) + "takes out a message that does not wait");
          }
          told(event, "MessageDequeued", "/messageId", payload.path("messageId").asText());
        }
        case "QueuedTurnStarted" -> started(event, payload.path("messageId").asText());
        case "SessionRenamed" ->
            told(event, "SessionRenamed", "/title", payload.path("title").asText());
        case "MessagesDiscarded" ->
            told(event, "MessagesDiscarded", "/fromMessageId", payload.path("messageId").asText());
        case "SessionDeleted" -> {
          if (event.seq() != stored.eventHead() || event.frameSeq() != stored.frameHead()) {
            violation.accept(which(event) + "is not the last");
          }
          told(event, "SessionDeleted", "/sessionId", stored.sessionId());
        }
        default -> {}
      }
    }
  }

  private void started(EventRow event, String messageId) {
    if (queue.isEmpty() || !queue.getFirst().equals(messageId)) {
      violation.accept(
          which(event) + "starts message " + messageId + ", and the queue is " + queue);
    }
    queue.remove(messageId);
  }

  /// The event's last frame must tell of it.
  private void told(EventRow event, String tag, String about, String id) {
    JsonNode frame = frames.get(event.frameSeq());
    if (frame == null
        || !frame.path("_tag").asText().equals(tag)
        || !frame.at(about).asText().equals(id)) {
      violation.accept(which(event) + "is not told by its frame");
    }
  }

  private static String which(EventRow event) {
    return "event " + event.seq() + ", " + event.type() + ", ";
  }
}
