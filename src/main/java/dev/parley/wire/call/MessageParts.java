package dev.parley.wire.call;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.parley.content.JsonText;
import dev.parley.content.Utf8;
import dev.parley.session.RefusedException;
import dev.parley.store.json.CanonicalJson;
import dev.parley.store.json.UnreadableException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The parts of a message as a client gives them: an array of objects, each of a `type` that
/// history knows and with that type's fields. They are kept as they are, further fields too, so
/// whoever reads history later must be able to rely on them.
public final class MessageParts {
  /// What a part of the type has besides.
  ///
  /// @param anything fields that must be there, whatever they are
  /// @param strings fields that must be strings
  /// @param optional fields that are strings where they are there
  private record Form(List<String> anything, List<String> strings, List<String> optional) {
    static Form of(List<String> strings, String... optional) {
      return new Form(List.of(), strings, List.of(optional));
    }
  }

  private static final Map<String, Form> FORMS =
      Map.of(
          "text", Form.of(List.of("text"), "state"),
          "reasoning", Form.of(List.of("text"), "state"),
          "file", Form.of(List.of("mediaType", "url"), "filename"),
          "source-url", Form.of(List.of("sourceId", "url"), "title"),
          "source-document", Form.of(List.of("sourceId", "mediaType", "title"), "filename"),
          "step-start", Form.of(List.of()),
          "dynamic-tool",
              Form.of(List.of("toolCallId", "toolName", "state"), "inputText", "errorText"));

  private static final String TOOL = "tool-";
  private static final Form TOOL_FORM =
      Form.of(List.of("toolCallId", "state"), "toolName", "inputText", "errorText");

  private static final String DATA = "data-";
  private static final Form DATA_FORM = new Form(List.of("data"), List.of(), List.of("id"));

  private MessageParts() {}

  /// The array in the form in which it is stored; absent when it is empty.
  ///
  /// @param json one JSON value
  /// @param field what a refusal calls it
  /// @throws RefusedException with [Refusal.InvalidRequest]
  public static @Nullable JsonText read(String json, String field) {
    try (JsonParser parser = JsonLimits.DEFAULTS.parser(json)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw Payload.wrong(field + " is not an array", field);
      }
      boolean empty = true;
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
          throw Payload.wrong(field + " holds something that is not an object", field);
        }
        empty = false;
        checkPart(parser, field);
      }
      return empty ? null : CanonicalJson.of(json);
    } catch (IOException | UnreadableException e) {
      throw Payload.wrong(field + " is not JSON that can be stored", field);
    }
  }

  /// Reads one part to its end.
  private static void checkPart(JsonParser parser, String field) throws IOException {
    String type = null;
    Map<String, JsonToken> fields = new HashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      checkStorable(name, field);
      JsonToken token = parser.nextToken();
      fields.put(name, token);
      if (name.equals("type")) {
        type = token == JsonToken.VALUE_STRING ? parser.getText() : null;
      }
      checkStorable(parser, field);
    }
    if (type == null) {
      throw Payload.wrong(field + " holds a part whose type is not a string", field);
    }
    checkForm(type, fields, field);
  }

  private static void checkForm(String type, Map<String, JsonToken> fields, String field) {
    Form form = form(type);
    if (form == null) {
      throw Payload.wrong(field + " holds a part of an unknown type", field);
    }
    for (String name : form.anything()) {
      if (!fields.containsKey(name)) {
        throw Payload.wrong(field + " holds a part without " + name, field);
      }
    }
    for (String name : form.strings()) {
      checkString(name, fields.get(name), field);
    }
    for (String name : form.optional()) {
      checkString(name, fields.getOrDefault(name, JsonToken.VALUE_STRING), field);
    }
  }

  private static void checkString(String name, @Nullable JsonToken value, String field) {
    if (value != JsonToken.VALUE_STRING) {
      throw Payload.wrong(field + " holds a part whose " + name + " is not a string", field);
    }
  }

  private static @Nullable Form form(String type) {
    Form form = FORMS.get(type);
    if (form != null) {
      return form;
    }
    if (type.startsWith(TOOL) && type.length() > TOOL.length()) {
      return TOOL_FORM;
    }
    return type.startsWith(DATA) && type.length() > DATA.length() ? DATA_FORM : null;
  }

  /// Checks every text of the value the parser stands on; afterwards it stands on its end.
  private static void checkStorable(JsonParser parser, String field) throws IOException {
    int depth = 0;
    for (JsonToken token = parser.currentToken(); ; token = parser.nextToken()) {
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else if (token == JsonToken.FIELD_NAME || token == JsonToken.VALUE_STRING) {
        checkStorable(parser.getText(), field);
      }
      if (depth == 0) {
        return;
      }
    }
  }

  private static void checkStorable(String text, String field) {
    if (!Utf8.isStorable(text)) {
      throw Payload.wrong(field + " holds a NUL or half a surrogate pair", field);
    }
  }
}
