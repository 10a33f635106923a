package dev.parley.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.content.FinishReason;
import dev.parley.content.MessageId;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Frame;
import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import java.io.IOException;
import java.util.Locale;

/// The JSON of frames: what a client receives and what the outbox stores, the same text.
public final class FrameJson {
  private FrameJson() {}

  /// A frame under its number.
  public static String encode(long seq, Frame frame) {
    return Json.text(json -> {
      json.writeStartObject();
      switch (frame) {
        case Frame.StreamEvent e -> {
          head(json, "StreamEvent", seq);
          Json.field(json, "turnId", e.turnId().value());
          json.writeFieldName("event");
          ContentJson.write(json, e.event());
        }
        case Frame.UserMessage e -> {
          head(json, "UserMessage", seq);
          json.writeFieldName("message");
          MessageJson.write(json, e.message(), "createdAt");
        }
        case Frame.SessionStarted e -> {
          head(json, "SessionStarted", seq);
          Json.field(json, "turnId", e.turnId().value());
          Json.field(json, "messageId", e.messageId().value());
          Json.time(json, "startedAt", e.startedAt());
        }
        case Frame.SessionStopped e -> {
          head(json, "SessionStopped", seq);
          Json.field(json, "turnId", e.turnId().value());
          outcome(json, e.outcome());
          if (e.discarded()) {
            json.writeBooleanField("discarded", true);
          }
        }
        case Frame.MessagesDiscarded e -> {
          head(json, "MessagesDiscarded", seq);
          Json.field(json, "fromMessageId", e.fromMessageId().value());
          json.writeBooleanField("inclusive", e.inclusive());
        }
        case Frame.SessionRenamed e -> {
          head(json, "SessionRenamed", seq);
          Json.field(json, "title", e.title());
        }
        case Frame.SessionDeleted e -> {
          head(json, "SessionDeleted", seq);
          Json.field(json, "sessionId", e.sessionId().toString());
        }
        case Frame.MessageQueued e -> {
          head(json, "MessageQueued", seq);
          json.writeFieldName("message");
          MessageJson.write(json, e.message(), "queuedAt");
        }
        case Frame.MessageDequeued e -> {
          head(json, "MessageDequeued", seq);
          Json.field(json, "messageId", e.messageId().value());
          Json.field(json, "reason", e.reason().name().toLowerCase(Locale.ROOT));
        }
      }
      json.writeEndObject();
    });
  }

  /// The frame that a stored text is.
  ///
  /// @throws UnreadableException for what this version does not know
  public static Frame decode(String text) {
    return Json.read(text, FrameJson::frame);
  }

  private static Frame frame(JsonNode node) {
    String tag = Json.text(node, "_tag");
    return switch (tag) {
      case "StreamEvent" ->
          new Frame.StreamEvent(turnId(node), ContentJson.event(Json.need(node, "event")));
      case "UserMessage" -> {
        JsonNode message = Json.need(node, "message");
        yield new Frame.UserMessage(MessageJson.read(message, Json.time(message, "createdAt")));
      }
      case "SessionStarted" ->
          new Frame.SessionStarted(
              turnId(node),
              new MessageId(Json.text(node, "messageId")),
              Json.time(node, "startedAt"));
      case "SessionStopped" ->
          new Frame.SessionStopped(turnId(node), outcome(node), node.path("discarded").asBoolean());
      case "MessageQueued" -> {
        JsonNode message = Json.need(node, "message");
        yield new Frame.MessageQueued(MessageJson.read(message, Json.time(message, "queuedAt")));
      }
      case "MessageDequeued" ->
          new Frame.MessageDequeued(
              new MessageId(Json.text(node, "messageId")),
              Frame.DequeueReason.valueOf(Json.text(node, "reason").toUpperCase(Locale.ROOT)));
      case "MessagesDiscarded" ->
          new Frame.MessagesDiscarded(
              new MessageId(Json.text(node, "fromMessageId")),
              Json.need(node, "inclusive").asBoolean());
      case "SessionRenamed" -> new Frame.SessionRenamed(Json.text(node, "title"));
      case "SessionDeleted" ->
          new Frame.SessionDeleted(SessionKey.parse(Json.text(node, "sessionId")));
      default -> throw new UnreadableException("unknown frame type", null);
    };
  }

  private static void head(JsonGenerator json, String tag, long seq) throws IOException {
    Json.field(json, "_tag", tag);
    json.writeNumberField("seq", seq);
  }

  private static void outcome(JsonGenerator json, TurnOutcome outcome) throws IOException {
    switch (outcome) {
      case TurnOutcome.Completed completed -> {
        Json.field(json, "reason", "completed");
        Json.field(json, "finishReason", completed.finishReason().word());
      }
      case TurnOutcome.Interrupted interrupted -> {
        Json.field(json, "reason", "interrupted");
        Json.field(json, "detail", interrupted.reason());
      }
      case TurnOutcome.Failed failed -> {
        Json.field(json, "reason", "error");
        json.writeBooleanField("retryable", failed.retryable());
        json.writeObjectFieldStart("error");
        Json.field(json, "code", failed.code().name());
        Json.field(json, "message", failed.message());
        json.writeEndObject();
      }
    }
  }

  private static TurnOutcome outcome(JsonNode node) {
    String reason = Json.text(node, "reason");
    return switch (reason) {
      case "completed" ->
          new TurnOutcome.Completed(FinishReason.of(Json.text(node, "finishReason")));
      case "interrupted" -> new TurnOutcome.Interrupted(Json.text(node, "detail"));
      case "error" -> {
        JsonNode error = Json.need(node, "error");
        yield new TurnOutcome.Failed(
            Refusal.Code.valueOf(Json.text(error, "code")),
            Json.text(error, "message"),
            node.path("retryable").asBoolean());
      }
      default -> throw new UnreadableException("unknown reason of a stop", null);
    };
  }

  private static TurnId turnId(JsonNode node) {
    return new TurnId(Json.text(node, "turnId"));
  }

  /// How an event spells an outcome: as its frame does.
  static void writeOutcome(JsonGenerator json, TurnOutcome outcome) throws IOException {
    json.writeStartObject();
    outcome(json, outcome);
    json.writeEndObject();
  }

  static TurnOutcome readOutcome(JsonNode node) {
    return outcome(node);
  }
}
