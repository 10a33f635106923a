package dev.parley.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.parley.content.Usage;
import dev.parley.session.ChatMessage;
import dev.parley.session.SessionKey;
import dev.parley.session.UserMessage;
import java.io.IOException;

/// A `ChatMessage` of the contract: one message of a session's history as clients see it.
public final class ChatMessageJson {
  private ChatMessageJson() {}

  /// @param key the session it belongs to
  public static String encode(SessionKey key, ChatMessage message) {
    return Json.text(json -> {
      json.writeStartObject();
      Json.field(json, "id", message.id().value());
      Json.field(json, "sessionId", key.toString());
      switch (message) {
        case ChatMessage.OfUser user -> ofUser(json, user.message());
        case ChatMessage.OfAgent agent -> ofAgent(json, agent);
      }
      json.writeEndObject();
    });
  }

  /// Parts that the client gave are the message; without any, its content is its one part.
  private static void ofUser(JsonGenerator json, UserMessage message) throws IOException {
    Json.field(json, "role", "user");
    if (message.parts() != null) {
      Json.raw(json, "parts", message.parts());
    } else {
      json.writeArrayFieldStart("parts");
      json.writeStartObject();
      Json.field(json, "type", "text");
      Json.field(json, "text", message.content());
      json.writeEndObject();
      json.writeEndArray();
    }
    Json.time(json, "createdAt", message.at());
  }

  private static void ofAgent(JsonGenerator json, ChatMessage.OfAgent message) throws IOException {
    Json.field(json, "role", "assistant");
    json.writeFieldName("parts");
    ContentJson.writeParts(json, message.parts());
    Json.time(json, "createdAt", message.at());
    Json.field(json, "turnId", message.turnId().value());
    boolean counted = !message.usage().equals(Usage.NONE);
    if (!message.interrupted() && !counted && message.model() == null) {
      return;
    }
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
