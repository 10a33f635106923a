package dev.parley.wire.call;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.parley.content.JsonText;
import dev.parley.content.Utf8;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A call's payload, read field by field. A field that is `null` counts as absent; unknown fields
/// are ignored. What does not fit is refused by the field's name.
public final class Payload {
  /// Characters of an id that Parley made and a client gives back.
  private static final int ID_LENGTH_MAX = 128;

  /// @param text the string; of any other token its JSON
  private record Value(JsonToken token, String text) {}

  private final Map<String, Value> fields;

  private Payload(Map<String, Value> fields) {
    this.fields = fields;
  }

  /// @param json the payload's JSON; absent: a payload without fields
  /// @throws RefusedException with [Refusal.InvalidRequest], as every method that reads a field
  public static Payload parse(@Nullable String json) {
    return parse(json, JsonLimits.DEFAULTS);
  }

  /// As [#parse(String)], within narrower limits.
  static Payload parse(@Nullable String json, JsonLimits limits) {
    Map<String, Value> fields = new HashMap<>();
    if (json == null) {
      return new Payload(fields);
    }
    try (JsonParser parser = limits.parser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw wrong("payload is not an object", null);
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        if (token != JsonToken.VALUE_NULL) {
          boolean string = token == JsonToken.VALUE_STRING;
          fields.put(
              name, new Value(token, string ? parser.getText() : JsonLimits.slice(parser, json)));
        }
      }
      if (parser.nextToken() != null) {
        throw wrong("payload is more than one JSON value", null);
      }
      return new Payload(fields);
    } catch (IOException e) {
      throw wrong("payload is not JSON", null);
    }
  }

  /// A string that must be there; it may be empty.
  public String text(String name) {
    String text = optionalText(name);
    if (text == null) {
      throw wrong(name + " is missing", name);
    }
    return text;
  }

  public @Nullable String optionalText(String name) {
    Value value = fields.get(name);
    if (value == null) {
      return null;
    }
    if (value.token() != JsonToken.VALUE_STRING) {
      throw wrong(name + " is not a string", name);
    }
    if (!Utf8.isStorable(value.text())) {
      throw wrong(name + " holds a NUL or half a surrogate pair", name);
    }
    return value.text();
  }

  String id(String name) {
    return checkedId(name, text(name));
  }

  @Nullable String optionalId(String name) {
    String id = optionalText(name);
    return id == null ? null : checkedId(name, id);
  }

  private static String checkedId(String name, String id) {
    if (id.isEmpty()
        || id.length() > ID_LENGTH_MAX
        || !id.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
      throw wrong(name + " is not 1 to " + ID_LENGTH_MAX + " printable ASCII characters", name);
    }
    return id;
  }

  /// A whole number from 0 on.
  @Nullable Long optionalCount(String name) {
    Value value = fields.get(name);
    if (value == null) {
      return null;
    }
    if (value.token() == JsonToken.VALUE_NUMBER_INT) {
      try {
        long count = Long.parseLong(value.text());
        if (count >= 0) {
          return count;
        }
      } catch (NumberFormatException e) {
        // out of range: refused below
      }
    }
    throw wrong(name + " is not a whole number from 0 on", name);
  }

  boolean has(String name) {
    return fields.containsKey(name);
  }

  /// Whether there is a boolean of that name.
  boolean isFlag(String name) {
    Value value = fields.get(name);
    return value != null && value.token().isBoolean();
  }

  boolean flag(String name) {
    Value value = fields.get(name);
    if (value == null) {
      return false;
    }
    if (!value.token().isBoolean()) {
      throw wrong(name + " is not a boolean", name);
    }
    return value.token() == JsonToken.VALUE_TRUE;
  }

  /// The JSON of an array.
  public @Nullable String optionalArray(String name) {
    Value value = fields.get(name);
    if (value == null) {
      return null;
    }
    if (value.token() != JsonToken.START_ARRAY) {
      throw wrong(name + " is not an array", name);
    }
    return value.text();
  }

  /// A message's parts, in the form in which they are stored; absent also when there is none.
  @Nullable JsonText optionalParts(String name) {
    String array = optionalArray(name);
    return array == null ? null : MessageParts.read(array, name);
  }

  /// The refusal of a payload, by the field that is wrong.
  public static RefusedException wrong(String message, @Nullable String field) {
    return new RefusedException(new Refusal.InvalidRequest(message, field));
  }
}
