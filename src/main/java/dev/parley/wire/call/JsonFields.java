package dev.parley.wire.call;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.parley.content.Utf8;
import org.jspecify.annotations.Nullable;

/// One JSON object, written field by field.
public final class JsonFields {
  private final StringBuilder json = new StringBuilder(128).append('{');

  /// The text as a JSON string, quotes included.
  public static String quote(String text) {
    StringBuilder json = new StringBuilder(text.length() + 16);
    appendQuoted(json, text);
    return json.toString();
  }

  private static void appendQuoted(StringBuilder json, String text) {
    json.append('"');
    if (Utf8.isStorable(text)) {
      JsonStringEncoder.getInstance().quoteAsString(text, json);
    } else {
      StringBuilder quoted = new StringBuilder(text.length() + 16);
      JsonStringEncoder.getInstance().quoteAsString(text, quoted);
      json.append(Utf8.escaped(quoted.toString()));
    }
    json.append('"');
  }

  public JsonFields text(String name, String value) {
    appendQuoted(name(name), value);
    return this;
  }

  /// A field that is left out when there is no value.
  public JsonFields optionalText(String name, @Nullable String value) {
    return value == null ? this : text(name, value);
  }

  /// A field that is `null` when there is no value.
  public JsonFields nullableText(String name, @Nullable String value) {
    return value == null ? raw(name, "null") : text(name, value);
  }

  public JsonFields number(String name, long value) {
    name(name).append(value);
    return this;
  }

  public JsonFields flag(String name, boolean value) {
    name(name).append(value);
    return this;
  }

  /// A field whose value is JSON already.
  public JsonFields raw(String name, String value) {
    name(name).append(value);
    return this;
  }

  private StringBuilder name(String name) {
    if (json.length() > 1) {
      json.append(',');
    }
    return json.append('"').append(name).append("\":");
  }

  /// The object's text so far.
  @Override
  public String toString() {
    return json + "}";
  }
}
