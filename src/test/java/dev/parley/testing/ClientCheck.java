package dev.parley.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.testing.ClientLog.Subscription;
import dev.parley.testing.Tables.EventRow;
import dev.parley.testing.Tables.FrameRow;
import dev.parley.testing.Tables.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Judges what one client was told about one session by what is stored of it.
final class ClientCheck {
  private final Stored stored;
  private final ClientLog log;
  private final Consumer<String> violation;
  private final Map<Long, JsonNode> frames;

  ClientCheck(Stored stored, ClientLog log, Consumer<String> violation) {
    this.stored = stored;
    this.log = log;
    this.violation = violation;
    this.frames =
        stored.frames().stream()
            .collect(Collectors.toMap(FrameRow::seq, FrameRow::payload, (first, _) -> first));
  }

  void run() {
    long seen = 0;
    for (Subscription subscription : log.subscriptions()) {
      if (subscription.afterSeq() != null && subscription.afterSeq() > seen) {
        violation.accept(
            "resumed after " + subscription.afterSeq() + " and had seen only up to " + seen);
      }
      seen = Math.max(seen, subscription(subscription));
    }
    Set<String> sent =
        stored.events().stream()
            .map(EventRow::payload)
            .map(payload -> payload.path("message").path("id").asText())
            .collect(Collectors.toSet());
    for (String messageId : log.acknowledged()) {
      if (!sent.contains(messageId)) {
        violation.accept("message " + messageId + " was acknowledged and is not stored");
      }
    }
    for (ClientLog.Answer answer : log.answers()) {
      if (answer instanceof ClientLog.Answer.State(JsonNode state)) {
        answeredState(state);
      }
    }
  }

  /// Gives the cursor that the client ends with.
  private long subscription(Subscription subscription) {
    long cursor = Objects.requireNonNullElse(subscription.afterSeq(), 0L);
    boolean first = true;
    boolean deleted = false;
    for (JsonNode event : subscription.received()) {
      String tag = event.path("_tag").asText();
      if (deleted) {
        violation.accept(tag + " came after SessionDeleted");
      }
      switch (tag) {
        case "InitialState" -> {
          if (!first && !event.path("reset").asBoolean()) {
            violation.accept("a second initial state without a reset, after " + cursor);
          }
          initialState(event, ClientLog.adopts(subscription, event), cursor);
          if (ClientLog.adopts(subscription, event)) {
            cursor = event.path("seq").asLong();
          }
        }
        case "SessionDeleted" -> deleted = true;
        default -> {
          if (first) {
            violation.accept("the first event is " + tag + " and not the initial state");
          }
          cursor = event(event, cursor);
        }
      }
      first = false;
    }
    return cursor;
  }

  private long event(JsonNode event, long cursor) {
    long seq = event.path("seq").asLong(-1);
    long firstSeq = event.path("firstSeq").asLong(seq);
    if (seq < 1 || firstSeq > seq) {
      violation.accept("an event after " + cursor + " has no usable number");
      return cursor;
    }
    if (firstSeq > cursor + 1) {
      violation.accept("a gap: after " + cursor + " came " + firstSeq);
    } else if (firstSeq <= cursor) {
      violation.accept("a double: after " + cursor + " came " + firstSeq);
    }
    List<JsonNode> parts = new ArrayList<>();
    for (long i = firstSeq; i <= seq; i++) {
      JsonNode frame = frames.get(i);
      if (frame == null) {
        violation.accept("frame " + i + " was seen and is not stored");
        return seq;
      }
      parts.add(frame);
    }
    JsonNode expected = event.has("firstSeq") ? joined(parts) : parts.getLast();
    if (!withoutFirstSeq(event).equals(expected)) {
      violation.accept("frame " + seq + " differs from what is stored");
    }
    return seq;
  }

  /// The stored frames as one event under the last one's number; absent: they cannot be one.
  private static @Nullable JsonNode joined(List<JsonNode> parts) {
    ObjectNode last = parts.getLast().deepCopy();
    boolean alike =
        parts.stream()
            .allMatch(part ->
                part.path("_tag").asText().equals("StreamEvent")
                    && part.path("turnId").equals(last.path("turnId")));
    List<JsonNode> joined = Deltas.joined(parts.stream().map(part -> part.path("event")).toList());
    return alike && joined.size() == 1 ? last.set("event", joined.getFirst()) : null;
  }

  private static JsonNode withoutFirstSeq(JsonNode event) {
    return event instanceof ObjectNode object ? object.deepCopy().without("firstSeq") : event;
  }

  private void initialState(JsonNode state, boolean adopted, long cursor) {
    long seq = state.path("seq").asLong(-1);
    String at = "the initial state at " + seq + " ";
    if (seq < 0 || seq > stored.frameHead()) {
      violation.accept(at + "is not stored: the head is " + stored.frameHead());
      return;
    }
    if (!adopted && seq < cursor) {
      violation.accept(at + "is behind the cursor " + cursor + " and is no reset");
    }
    if (!state.path("incarnation").asText().equals(stored.incarnation())) {
      violation.accept(at + "is of another incarnation than the stored one");
    }
    SessionAt expected = SessionAt.of(stored.frames(), seq);
    snapshot(state.path("snapshot"), expected, at);
    if (!Objects.equals(state.path("turnContext").path("turnId").textValue(), expected.turnId())) {
      violation.accept(at + "has the context of another turn than " + expected.turnId());
    }
    List<JsonNode> buffer = list(state.path("buffer"), Function.identity());
    if (adopted && !Deltas.joined(buffer).equals(Deltas.joined(expected.said()))) {
      violation.accept(at + "has a buffer that differs from the frames of the turn");
    }
    if (!adopted && !buffer.isEmpty()) {
      violation.accept(at + "has a buffer on a resume");
    }
  }

  /// A state that a call was answered with.
  private void answeredState(JsonNode state) {
    long seq = state.path("seq").asLong(-1);
    String at = "the answered state at " + seq + " ";
    if (seq < 0 || seq > stored.frameHead()) {
      violation.accept(at + "is not stored: the head is " + stored.frameHead());
      return;
    }
    snapshot(state, SessionAt.of(stored.frames(), seq), at);
  }

  private void snapshot(JsonNode snapshot, SessionAt expected, String at) {
    String turnId = snapshot.path("activeTurnId").textValue();
    String status = expected.turnId() == null ? "idle" : "streaming";
    if (!Objects.equals(turnId, expected.turnId())
        || !snapshot.path("status").asText().equals(status)) {
      violation.accept(
          at + "has the active turn " + turnId + " and the frames have " + expected.turnId());
    }
    if (!ids(snapshot.path("queue")).equals(expected.queue())) {
      violation.accept(
          at
              + "has the queue "
              + ids(snapshot.path("queue"))
              + " and the frames have "
              + expected.queue());
    }
  }

  private static List<String> ids(JsonNode messages) {
    return list(messages, message -> message.path("id").asText());
  }

  private static <T> List<T> list(JsonNode array, Function<JsonNode, T> of) {
    List<T> list = new ArrayList<>();
    array.forEach(item -> list.add(of.apply(item)));
    return list;
  }

  /// A session as its frames up to one of them tell it.
  ///
  /// @param said the ChatStreamEvents of the running turn
  private record SessionAt(@Nullable String turnId, List<String> queue, List<JsonNode> said) {
    static SessionAt of(List<FrameRow> frames, long seq) {
      String turnId = null;
      List<String> queue = new ArrayList<>();
      List<JsonNode> said = new ArrayList<>();
      for (FrameRow row : frames) {
        if (row.seq() > seq) {
          break;
        }
        JsonNode frame = row.payload();
        switch (frame.path("_tag").asText()) {
          case "SessionStarted" -> {
            turnId = frame.path("turnId").asText();
            said.clear();
          }
          case "SessionStopped" -> {
            turnId = null;
            said.clear();
          }
          case "StreamEvent" -> said.add(frame.path("event"));
          case "MessageQueued" -> queue.add(frame.path("message").path("id").asText());
          case "MessageDequeued" -> {
            var _ = queue.remove(frame.path("messageId").asText());
          }
          default -> {}
        }
      }
      return new SessionAt(turnId, queue, said);
    }
  }
}
