package dev.parley.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.simulation.UnrulyAgent.Manner;
import dev.parley.testing.Tables.EventRow;
import dev.parley.testing.Tables.Stored;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// Judges answers by what their agents were asked to say: nothing got lost, doubled or out of order
/// between an agent and the store, also where the turn went on on another node.
final class Told {
  /// Those that count, however they end.
  private static final Set<Manner> COUNTING =
      EnumSet.of(
          Manner.PLAIN,
          Manner.FAILS_IN_THE_MIDDLE,
          Manner.FAILS_AFTER_THE_LAST,
          Manner.IGNORES_DEMAND,
          Manner.IGNORES_CANCEL,
          Manner.SPEAKS_AFTER_ITS_END,
          Manner.NAMES_POISON);

  private final Stored stored;
  private final Consumer<String> violation;
  private final Map<String, String> messages = new HashMap<>();
  private final Map<String, String> asked = new HashMap<>();

  Told(Stored stored, Consumer<String> violation) {
    this.stored = stored;
    this.violation = violation;
  }

  void check() {
    for (EventRow event : stored.events()) {
      JsonNode payload = event.payload();
      String turnId = payload.path("turnId").asText();
      JsonNode message = payload.path("message");
      if (message.isObject()) {
        messages.put(message.path("id").asText(), message.path("content").asText());
      }
      switch (event.type()) {
        case "TurnStarted", "TurnRegenerated" ->
            asked.put(turnId, message.path("content").asText());
        case "QueuedTurnStarted" ->
            asked.put(turnId, messages.getOrDefault(payload.path("messageId").asText(), ""));
        case "TurnEnded" -> ended(turnId, payload);
        default -> {}
      }
    }
  }

  private void ended(String turnId, JsonNode payload) {
    String whole = count(asked.getOrDefault(turnId, ""));
    if (whole == null) {
      return;
    }
    String said =
        StreamSupport.stream(payload.path("answer").spliterator(), false)
            .filter(part -> part.path("type").asText().equals("text"))
            .map(part -> part.path("text").asText())
            .collect(Collectors.joining());
    boolean complete = payload.path("outcome").path("finishReason").asText().equals("stop");
    if (complete ? !said.equals(whole) : !whole.startsWith(said)) {
      violation.accept(
          "turn %s was asked to count %d characters and has said %d others"
              .formatted(turnId, whole.length(), said.length()));
    }
  }

  /// What the agent of such a message says when nobody stops it; absent: it does not count.
  private static @Nullable String count(String message) {
    String[] words = message.split(" ", -1);
    boolean counts =
        words[0].equals("/count")
            || COUNTING.stream().anyMatch(manner -> manner.name().equals(words[0]));
    return counts
        ? IntStream.rangeClosed(1, Integer.parseInt(words[1]))
            .mapToObj(number -> number + " ")
            .collect(Collectors.joining())
        : null;
  }
}
