package dev.parley.agent.llm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.content.JsonText;
import org.jspecify.annotations.Nullable;

/// The files that a user has put into a message.
public final class MessageFiles {
  /// Remembers no names of what strangers send.
  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build());

  private MessageFiles() {}

  /// How many there are.
  ///
  /// @param parts of the message, an array; absent: there are none
  public static int count(@Nullable JsonText parts) {
    if (parts == null) {
      return 0;
    }
    try {
      int count = 0;
      for (JsonNode part : JSON.readTree(parts.text())) {
        count += part.path("type").asText().equals("file") ? 1 : 0;
      }
      return count;
    } catch (JsonProcessingException notJson) {
      throw new IllegalArgumentException("a message's parts are JSON", notJson);
    }
  }
}
