package dev.parley.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.content.MessageId;
import dev.parley.session.ClientMessageId;
import dev.parley.session.UserMessage;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The JSON of a user's message: the same fields wherever it stands, under one name or another for
/// its time.
public final class MessageJson {
  private MessageJson() {}

  /// A `QueuedMessage` of the contract.
  public static String queued(UserMessage message) {
    return Json.text(json -> write(json, message, "queuedAt"));
  }

  /// @param timeName what its time is called here; absent: it is left out
  static void write(JsonGenerator json, UserMessage message, @Nullable String timeName)
      throws IOException {
    json.writeStartObject();
    Json.field(json, "id", message.id().value());
    Json.field(json, "content", message.content());
    if (message.parts() != null) {
      Json.raw(json, "parts", message.parts());
    }
    if (message.clientMessageId() != null) {
      Json.field(json, "clientMessageId", message.clientMessageId().value());
    }
    if (timeName != null) {
      Json.time(json, timeName, message.at());
    }
    json.writeEndObject();
  }

  static UserMessage read(JsonNode node, Instant at) {
    String clientMessageId = Json.optional(node, "clientMessageId");
    return new UserMessage(
        new MessageId(Json.text(node, "id")),
        Json.text(node, "content"),
        Json.optionalRaw(node, "parts"),
        clientMessageId == null ? null : new ClientMessageId(clientMessageId),
        at);
  }
}
