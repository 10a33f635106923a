package dev.parley.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.content.MessageId;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Event;
import dev.parley.session.Incarnation;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import java.io.IOException;
import java.time.Instant;

/// The JSON of stored events, under a type and a version. What was ever written stays readable:
/// samples of every type and version are pinned in the tests.
public final class EventJson {
  private static final short V1 = 1;

  private EventJson() {}

  /// @param type the event's name in the store
  /// @param version of the payload's shape, per type
  public record Stored(String type, short version, String payload) {}

  public static Stored encode(Event event) {
    return switch (event) {
      case Event.SessionCreated e ->
          stored(
              "SessionCreated",
              json -> {
                json.writeStartObject();
                Json.field(json, "key", e.key().toString());
                Json.field(json, "incarnation", e.incarnation().value());
                Json.optional(json, "title", e.title());
                Json.time(json, "at", e.at());
                json.writeEndObject();
              });
      case Event.MessageQueued e ->
          stored(
              "MessageQueued",
              json -> {
                json.writeStartObject();
                json.writeFieldName("message");
                MessageJson.write(json, e.message(), null);
                if (e.first()) {
                  json.writeBooleanField("first", true);
                }
                Json.time(json, "at", e.at());
                json.writeEndObject();
              });
      case Event.MessageRemoved e ->
          stored(
              "MessageRemoved",
              json -> {
                json.writeStartObject();
                Json.field(json, "messageId", e.messageId().value());
                Json.time(json, "at", e.at());
                json.writeEndObject();
              });
      case Event.TurnStarted e ->
          stored(
              "TurnStarted",
              json -> {
                json.writeStartObject();
                Json.field(json, "turnId", e.turnId().value());
                Json.field(json, "answerId", e.answerId().value());
                json.writeFieldName("message");
                MessageJson.write(json, e.message(), null);
                Json.time(json, "at", e.at());
                json.writeEndObject();
              });
      case Event.QueuedTurnStarted e ->
          stored(
              "QueuedTurnStarted",
              json -> {
                json.writeStartObject();
                Json.field(json, "turnId", e.turnId().value());
                Json.field(json, "answerId", e.answerId().value());
                Json.field(json, "messageId", e.messageId().value());
                Json.time(json, "at", e.at());
                json.writeEndObject();
              });
      case Event.TurnRegenerated e ->
          stored(
              "TurnRegenerated",
              json -> {
                json.writeStartObject();
                Json.field(json, "turnId", e.turnId().value());
                Json.field(json, "answerId", e.answerId().value());
                json.writeFieldName("message");
                MessageJson.write(json, e.message(), "at");
                Json.optional(
                    json,
                    "clientMessageId",
                    e.clientMessageId() == null ? null : e.clientMessageId().value());
                Json.time(json, "at", e.at());
                json.writeEndObject();
              });
      case Event.TurnResumed e ->
          stored(
              "TurnResumed",
              json -> {
                json.writeStartObject();
                Json.field(json, "turnId", e.turnId().value());
                json.writeNumberField("saidBytes", e.saidBytes());
                Json.time(json, "at", e.at());
                json.writeEndObject();
              });
      case Event.TurnSpent e ->
          stored(
              "TurnSpent",
              json -> {
                json.writeStartObject();
                Json.field(json, "turnId", e.turnId().value());
                json.writeFieldName("usage");
                ContentJson.write(json, e.usage());
                Json.time(json, "at", e.at());
                json.writeEndObject();
              });
      case Event.MessagesDiscarded e ->
          stored(
              "MessagesDiscarded",
              json -> {
                json.writeStartObject();
                Json.field(json, "messageId", e.messageId().value());
                json.writeBooleanField("inclusive", e.inclusive());
                json.writeNumberField("fromOrd", e.fromOrd());
                Json.time(json, "at", e.at());
                json.writeEndObject();
              });
      case Event.SessionRenamed e ->
          stored(
              "SessionRenamed",
              json -> {
                json.writeStartObject();
                Json.field(json, "title", e.title());
                Json.time(json, "at", e.at());
                json.writeEndObject();
              });
      case Event.SessionTouched e -> stored("SessionTouched", json -> onlyTime(json, e.at()));
      case Event.IncarnationRenewed e ->
          stored(
              "IncarnationRenewed",
              json -> {
                json.writeStartObject();
                Json.field(json, "incarnation", e.incarnation().value());
                Json.time(json, "at", e.at());
                json.writeEndObject();
              });
      case Event.SessionDeleted e -> stored("SessionDeleted", json -> onlyTime(json, e.at()));
      case Event.TurnEnded e ->
          stored(
              "TurnEnded",
              json -> {
                json.writeStartObject();
                Json.field(json, "turnId", e.turnId().value());
                Json.field(json, "answerId", e.answerId().value());
                json.writeFieldName("outcome");
                FrameJson.writeOutcome(json, e.outcome());
                json.writeFieldName("answer");
                ContentJson.writeParts(json, e.answer());
                if (e.discarded()) {
                  json.writeBooleanField("discarded", true);
                }
                json.writeFieldName("usage");
                ContentJson.write(json, e.usage());
                Json.optional(json, "model", e.model());
                Json.time(json, "at", e.at());
                json.writeEndObject();
              });
    };
  }

  /// The event that was stored.
  ///
  /// @throws UnreadableException for a type, version or shape that this version does not know
  public static Event decode(String type, int version, String payload) {
    if (version != V1) {
      throw new UnreadableException("unknown version " + version + " of event " + type, null);
    }
    return Json.read(payload, node -> event(type, node));
  }

  private static Event event(String type, JsonNode node) {
    Instant at = Json.time(node, "at");
    return switch (type) {
      case "SessionCreated" ->
          new Event.SessionCreated(
              SessionKey.parse(Json.text(node, "key")),
              new Incarnation(Json.text(node, "incarnation")),
              Json.optional(node, "title"),
              at);
      case "MessageQueued" ->
          new Event.MessageQueued(
              MessageJson.read(Json.need(node, "message"), at), node.path("first").asBoolean());
      case "MessageRemoved" ->
          new Event.MessageRemoved(new MessageId(Json.text(node, "messageId")), at);
      case "TurnStarted" ->
          new Event.TurnStarted(
              new TurnId(Json.text(node, "turnId")),
              new MessageId(Json.text(node, "answerId")),
              MessageJson.read(Json.need(node, "message"), at),
              at);
      case "QueuedTurnStarted" ->
          new Event.QueuedTurnStarted(
              new TurnId(Json.text(node, "turnId")),
              new MessageId(Json.text(node, "answerId")),
              new MessageId(Json.text(node, "messageId")),
              at);
      case "TurnEnded" ->
          new Event.TurnEnded(
              new TurnId(Json.text(node, "turnId")),
              new MessageId(Json.text(node, "answerId")),
              FrameJson.readOutcome(Json.need(node, "outcome")),
              ContentJson.parts(Json.need(node, "answer")),
              node.path("discarded").asBoolean(),
              ContentJson.usage(Json.need(node, "usage")),
              Json.optional(node, "model"),
              at);
      case "TurnRegenerated" -> {
        JsonNode message = Json.need(node, "message");
        String clientMessageId = Json.optional(node, "clientMessageId");
        yield new Event.TurnRegenerated(
            new TurnId(Json.text(node, "turnId")),
            new MessageId(Json.text(node, "answerId")),
            MessageJson.read(message, Json.time(message, "at")),
            clientMessageId == null ? null : new ClientMessageId(clientMessageId),
            at);
      }
      case "TurnResumed" ->
          new Event.TurnResumed(
              new TurnId(Json.text(node, "turnId")), Json.need(node, "saidBytes").asLong(), at);
      case "TurnSpent" ->
          new Event.TurnSpent(
              new TurnId(Json.text(node, "turnId")),
              ContentJson.usage(Json.need(node, "usage")),
              at);
      case "MessagesDiscarded" ->
          new Event.MessagesDiscarded(
              new MessageId(Json.text(node, "messageId")),
              Json.need(node, "inclusive").asBoolean(),
              Json.need(node, "fromOrd").asLong(),
              at);
      case "SessionRenamed" -> new Event.SessionRenamed(Json.text(node, "title"), at);
      case "SessionTouched" -> new Event.SessionTouched(at);
      case "IncarnationRenewed" ->
          new Event.IncarnationRenewed(new Incarnation(Json.text(node, "incarnation")), at);
      case "SessionDeleted" -> new Event.SessionDeleted(at);
      default -> throw new UnreadableException("unknown event type", null);
    };
  }

  private static void onlyTime(JsonGenerator json, Instant at) throws IOException {
    json.writeStartObject();
    Json.time(json, "at", at);
    json.writeEndObject();
  }

  private static Stored stored(String type, Json.Body body) {
    return new Stored(type, V1, Json.text(body));
  }
}
