package dev.parley.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.parley.testing.ClientLog.Answer;
import dev.parley.testing.Tables.EventRow;
import dev.parley.testing.Tables.FrameRow;
import dev.parley.testing.Tables.Stored;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// Judges what calls about one session were answered, by whomever they were made, by what is stored
/// of it.
final class AnswerCheck {
  private final Stored stored;
  private final Collection<ClientLog> logs;
  private final Consumer<String> violation;

  /// The message that is stored under each name that a sender gave it.
  private final Map<String, String> messageIds = new HashMap<>();

  private final Map<String, Answer.Sent> first = new HashMap<>();
  private final Set<String> refused = new HashSet<>();
  private final Set<String> maybe = new HashSet<>();

  AnswerCheck(Stored stored, Collection<ClientLog> logs, Consumer<String> violation) {
    this.stored = stored;
    this.logs = logs;
    this.violation = violation;
  }

  void run() {
    storedOnce();
    for (ClientLog log : logs) {
      for (Answer answer : log.answers()) {
        switch (answer) {
          case Answer.Sent sent -> sent(sent);
          case Answer.Refused(String name) -> refused.add(name);
          case Answer.Unanswered(String name) -> maybe.add(name);
          case Answer.Interrupted interrupted -> interrupted(interrupted);
          case Answer.Removed(String messageId) -> removed(messageId);
          case Answer.State _ -> {
            // The client's own check knows the state at a frame.
          }
        }
      }
    }
    for (String name : refused) {
      if (!maybe.contains(name) && !first.containsKey(name) && messageIds.containsKey(name)) {
        violation.accept("the send " + name + " was refused and is stored");
      }
    }
  }

  private void storedOnce() {
    for (EventRow event : stored.events()) {
      JsonNode message = event.payload().path("message");
      // A message that is answered again keeps its name; the call has one of its own.
      JsonNode named = event.type().equals("TurnRegenerated") ? event.payload() : message;
      String name = named.path("clientMessageId").textValue();
      if (name != null && messageIds.put(name, message.path("id").asText()) != null) {
        violation.accept("the send " + name + " is stored again by event " + event.seq());
      }
    }
  }

  private void sent(Answer.Sent sent) {
    String name = sent.clientMessageId();
    Answer.Sent earlier = first.putIfAbsent(name, sent);
    if (earlier != null && !earlier.equals(sent)) {
      violation.accept(
          "the send " + name + " was answered with " + earlier + " and then with " + sent);
    }
    if (!sent.messageId().equals(messageIds.get(name))) {
      violation.accept(
          "the send %s was answered with message %s, stored is %s"
              .formatted(name, sent.messageId(), messageIds.get(name)));
    }
    boolean runs =
        sent.turnId() == null
            || stored.turns().stream()
                .anyMatch(turn ->
                    turn.turnId().equals(sent.turnId())
                        && turn.messageId().equals(sent.messageId()));
    if (!runs) {
      violation.accept(
          "the send " + name + " was answered with turn " + sent.turnId() + ", which is not its");
    }
  }

  private void interrupted(Answer.Interrupted answer) {
    JsonNode frame = frame(answer.seq());
    if (!frame.path("_tag").asText().equals("SessionStopped")
        || !frame.path("turnId").asText().equals(answer.turnId())
        || !frame.path("reason").asText().equals("interrupted")) {
      violation.accept(
          "turn %s was answered to be interrupted by frame %d, which does not say so"
              .formatted(answer.turnId(), answer.seq()));
    }
  }

  private JsonNode frame(long seq) {
    return seq < 1 || seq > stored.frames().size()
        ? MissingNode.getInstance()
        : stored.frames().get((int) seq - 1).payload();
  }

  private void removed(String messageId) {
    boolean told =
        stored.frames().stream()
            .map(FrameRow::payload)
            .anyMatch(frame ->
                frame.path("_tag").asText().equals("MessageDequeued")
                    && frame.path("messageId").asText().equals(messageId)
                    && frame.path("reason").asText().equals("removed"));
    if (!told) {
      violation.accept("message " + messageId + " was answered to be removed, no frame says so");
    }
  }
}
