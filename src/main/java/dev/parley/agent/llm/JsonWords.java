package dev.parley.agent.llm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.parley.content.JsonText;
import org.jspecify.annotations.Nullable;

/// What tools say, as JSON and as a model reads it: a text is itself there, everything else its
/// JSON.
public final class JsonWords {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /// A call's input where there is none.
  static final String NOTHING = "{}";

  private JsonWords() {}

  /// What a model reads.
  public static String text(JsonText output) {
    try {
      return JSON.readTree(output.text()) instanceof TextNode text
          ? text.textValue()
          : output.text();
    } catch (JsonProcessingException notJson) {
      throw new IllegalArgumentException("an output is JSON", notJson);
    }
  }

  /// The JSON of what a tool has said: its own, where it says a JSON object or array.
  public static JsonText json(String said) {
    String trimmed = said.strip();
    if (trimmed.startsWith("{") || trimmed.startsWith("[")) {
      try {
        JsonNode _ = JSON.readTree(trimmed);
        return new JsonText(trimmed);
      } catch (JsonProcessingException notJson) {
        // a text like any other
      }
    }
    return string(said);
  }

  /// What a model is told that it has called a tool with: providers take nothing but objects back.
  ///
  /// @param input absent: it was not said to its end
  public static String object(@Nullable JsonText input) {
    return input != null && isObject(input.text()) ? input.text() : NOTHING;
  }

  /// Whether a text is a JSON object that can be stored.
  static boolean isObject(String text) {
    try {
      return JSON.readTree(text) instanceof ObjectNode;
    } catch (JsonProcessingException notJson) {
      return false;
    }
  }

  /// A text as a JSON string.
  public static JsonText string(String text) {
    return new JsonText(JSON.getNodeFactory().textNode(text).toString());
  }
}
