package dev.parley.agent.llm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
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
  /// Digits of a number that may be said. It grows by a few where its exponent is spelled another
  /// way, and has to be read again afterwards, by readers that take 1000.
  private static final int NUMBER_MAX = 980;

  /// Levels, far below what readers of the stored event take, where it is nested deeper.
  private static final int DEPTH_MAX = 500;

  /// For what is stored.
  private static final ObjectMapper JSON = mapper(StreamReadConstraints.defaults());

  /// For what is to be.
  private static final ObjectMapper SAID =
      mapper(
          StreamReadConstraints.builder()
              .maxNumberLength(NUMBER_MAX)
              .maxNestingDepth(DEPTH_MAX)
              .build());

  /// A call's input where there is none.
  static final String NOTHING = "{}";

  private JsonWords() {}

  /// Remembers no names of what strangers send.
  private static ObjectMapper mapper(StreamReadConstraints constraints) {
    return new ObjectMapper(
            JsonFactory.builder()
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .streamReadConstraints(constraints)
                .build())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }

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
        JsonNode _ = SAID.readTree(trimmed);
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
      return SAID.readTree(text) instanceof ObjectNode;
    } catch (JsonProcessingException notJson) {
      return false;
    }
  }

  /// A text as a JSON string.
  public static JsonText string(String text) {
    return new JsonText(JSON.getNodeFactory().textNode(text).toString());
  }
}
