package dev.parley.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Pieces of growing parts as the wire has them, by field names alone: the checker does not trust
/// the code that it checks.
final class Deltas {
  private Deltas() {}

  /// The field that holds a ChatStreamEvent's piece of text; absent: it is no such event.
  static @Nullable String textField(JsonNode event) {
    return switch (event.path("type").asText()) {
      case "text-delta", "reasoning-delta" -> "delta";
      case "tool-input-delta" -> "inputTextDelta";
      default -> null;
    };
  }

  /// Whether the two are pieces of one part, that is, alike but for the text.
  static boolean join(JsonNode a, JsonNode b) {
    String field = textField(a);
    return field != null && withText(a, field, "").equals(withText(b, field, ""));
  }

  /// ChatStreamEvents with adjacent pieces of one part joined.
  static List<JsonNode> joined(List<JsonNode> events) {
    List<JsonNode> joined = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < events.size(); i++) {
      JsonNode event = events.get(i);
      String field = textField(event);
      if (field == null) {
        joined.add(event);
        continue;
      }
      text.append(event.path(field).asText());
      if (i + 1 == events.size() || !join(event, events.get(i + 1))) {
        joined.add(withText(event, field, text.toString()));
        text.setLength(0);
      }
    }
    return joined;
  }

  private static JsonNode withText(JsonNode event, String field, String text) {
    return event instanceof ObjectNode object ? object.deepCopy().put(field, text) : event;
  }
}
