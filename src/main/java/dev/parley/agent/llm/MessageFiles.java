package dev.parley.agent.llm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.parley.content.JsonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/// The files that a user has put into a message.
public final class MessageFiles {
  private static final String FILE = "file";

  /// Remembers no names of what strangers send.
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

  private MessageFiles() {}

  /// How many there are.
  ///
  /// @param parts of a message as they are stored, an array; absent: there are none
  public static int count(@Nullable JsonText parts) {
    if (parts == null || !parts.text().contains('"' + FILE + '"')) {
      return 0;
    }
    try (JsonParser parser = FACTORY.createParser(parts.text())) {
      int count = 0;
      JsonToken _ = parser.nextToken();
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        count += isFile(parser) ? 1 : 0;
      }
      return count;
    } catch (IOException notJson) {
      throw new UncheckedIOException("a message's parts are JSON", notJson);
    }
  }

  /// Reads one part to its end.
  private static boolean isFile(JsonParser parser) throws IOException {
    boolean file = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean type = parser.currentName().equals("type");
      JsonToken value = parser.nextToken();
      file |= type && value == JsonToken.VALUE_STRING && parser.getText().equals(FILE);
      JsonParser _ = parser.skipChildren();
    }
    return file;
  }
}
