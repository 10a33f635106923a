package dev.parley.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.parley.content.JsonText;
import dev.parley.content.Usage;
import dev.parley.session.ChatMessage;
import dev.parley.session.SessionKey;
import dev.parley.session.UserMessage;
import java.io.IOException;

/// The JSON of a message of history: a `ChatMessage` of the contract. The same wherever somebody is
/// given a finished message.
public final class ChatMessageJson {
  private ChatMessageJson() {}

  /// @param key the session it belongs to
  public static String encode(SessionKey key, ChatMessage message) {
    return Json.text(json -> {
      json.writeStartObject();
      Json.field(json, "id", message.id().value());
      Json.field(json, "sessionId", key.toString());
      switch (message) {
        case ChatMessage.OfUser user -> of(json, user.message());
        case ChatMessage.OfAgent agent -> of(json, agent);
      }
      json.writeEndObject();
    });
  }

  private static void of(JsonGenerator json, UserMessage message) throws IOException {
    Json.field(json, "role", "user");
    json.writeArrayFieldStart("parts");
    if (!message.content().isEmpty()) {
      json.writeStartObject();
      Json.field(json, "type", "text");
      Json.field(json, "text", message.content());
      json.writeEndObject();
    }
    JsonText parts = message.parts();
    if (parts != null) {
      // What stands between the brackets of an array that is never empty.
      json.writeRawValue(parts.text(), 1, parts.text().length() - 2);
    }
    json.writeEndArray();
    Json.time(json, "createdAt", message.at());
  }

  private static void of(JsonGenerator json, ChatMessage.OfAgent message) throws IOException {
    Json.field(json, "role", "assistant");
    json.writeFieldName("parts");
    ContentJson.writeParts(json, message.parts());
    Json.time(json, "createdAt", message.at());
    Json.field(json, "turnId", message.turnId().value());
    boolean counted = !message.usage().equals(Usage.NONE);
    if (message.interrupted() || counted || message.model() != null) {
      json.writeObjectFieldStart("metadata");
      if (message.interrupted()) {
        json.writeBooleanField("interrupted", true);
      }
      if (counted) {
        json.writeFieldName("usage");
        ContentJson.write(json, message.usage());
      }
      Json.optional(json, "model", message.model());
      json.writeEndObject();
    }
  }
}
