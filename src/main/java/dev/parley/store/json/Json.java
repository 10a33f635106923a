package dev.parley.store.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.SegmentedStringWriter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.parley.content.JsonText;
import dev.parley.content.Utf8;
import dev.parley.session.RefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Jackson, as this package uses it.
final class Json {
  /// What was accepted at the edge must be readable ever after: the largest text of an answer is
  /// bounded by configuration, not by the parser's default.
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          // Parts and the input of tools have names that clients chose: none may stay.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  /// For what becomes part of what is stored.
  private static final JsonFactory PART =
      FACTORY
          .rebuild()
          .streamReadConstraints(
              FACTORY.streamReadConstraints().rebuild().maxNestingDepth(900).build())
          .build();

  /// Characters of a text too short for a number or a depth that matters.
  private static final int NEVER_UNREADABLE = 900;

  /// Numbers are kept as they are: neither cut to a double nor written in another form.
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(FACTORY)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private Json() {}

  /// Writes one value.
  interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  /// The text of what the body writes.
  static String text(Body body) {
    try (SegmentedStringWriter text = new SegmentedStringWriter(FACTORY._getBufferRecycler());
        JsonGenerator json = FACTORY.createGenerator(text)) {
      body.write(json);
      json.flush();
      return text.getAndClear();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The tree of a stored text.
  ///
  /// @throws UnreadableException when it is no JSON, or has a number beyond all that can be read
  static JsonNode tree(String text) {
    try {
      JsonNode tree = MAPPER.readTree(text);
      if (tree.isMissingNode()) {
        throw new UnreadableException("stored JSON is empty", null);
      }
      return tree;
    } catch (JsonProcessingException | NumberFormatException e) {
      throw new UnreadableException("stored JSON does not parse", e);
    }
  }

  /// Makes sure that what is about to be stored can be read back: a number may grow with its
  /// canonical spelling, and everything is nested deeper where it is stored.
  ///
  /// @throws UnreadableException when it cannot
  static void checkReadable(String text) {
    if (text.length() <= NEVER_UNREADABLE) {
      return;
    }
    try (JsonParser parser = PART.createParser(text)) {
      JsonToken token = parser.nextToken();
      while (token != null) {
        token = parser.nextToken();
      }
    } catch (IOException e) {
      throw new UnreadableException("JSON cannot be read back once it is stored", e);
    }
  }

  /// Reads one value.
  interface Reading<T> {
    T read(JsonNode node);
  }

  /// What a stored text says.
  ///
  /// @throws UnreadableException when it is no JSON, or holds a value that its type refuses: what a
  ///   later version wrote, or damage
  static <T> T read(String text, Reading<T> reading) {
    JsonNode node = tree(text);
    try {
      return reading.read(node);
    } catch (IllegalArgumentException | DateTimeException | RefusedException e) {
      throw new UnreadableException("stored JSON holds a value of no meaning", e);
    }
  }

  static void field(JsonGenerator json, String name, String value) throws IOException {
    json.writeStringField(name, value);
  }

  static void optional(JsonGenerator json, String name, @Nullable String value) throws IOException {
    if (value != null) {
      json.writeStringField(name, value);
    }
  }

  static void time(JsonGenerator json, String name, Instant value) throws IOException {
    json.writeStringField(name, value.toString());
  }

  static void raw(JsonGenerator json, String name, JsonText value) throws IOException {
    json.writeFieldName(name);
    json.writeRawValue(value.text());
  }

  /// A field that must be there.
  ///
  /// @throws UnreadableException when it is not
  static JsonNode need(JsonNode node, String name) {
    JsonNode value = node.get(name);
    if (value == null || value.isNull()) {
      throw missing(name);
    }
    return value;
  }

  private static UnreadableException missing(String name) {
    return new UnreadableException("stored JSON has no " + name, null);
  }

  static String text(JsonNode node, String name) {
    return need(node, name).asText();
  }

  static @Nullable String optional(JsonNode node, String name) {
    JsonNode value = node.get(name);
    return value == null || value.isNull() ? null : value.asText();
  }

  static Instant time(JsonNode node, String name) {
    return Instant.parse(text(node, name));
  }

  /// Any JSON value, `null` too.
  static JsonText raw(JsonNode node, String name) {
    JsonText value = optionalRaw(node, name);
    if (value == null) {
      throw new UnreadableException("stored JSON has no " + name, null);
    }
    return value;
  }

  /// The one text of a value.
  static JsonText text(JsonNode value) {
    return new JsonText(Utf8.escaped(value.toString()));
  }

  static @Nullable JsonText optionalRaw(JsonNode node, String name) {
    JsonNode value = node.get(name);
    return value == null ? null : text(value);
  }
}
