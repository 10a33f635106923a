package dev.parley.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.content.MessageId;
import dev.parley.content.TurnOutput;
import dev.parley.content.Usage;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Incarnation;
import dev.parley.session.SendReceipt;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Core;
import dev.parley.session.SessionState.Waiting;
import dev.parley.session.TurnId;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The JSON of a snapshot: a session's state after one of its events. What a running turn has said
/// is not in it; that is in the frames.
public final class SnapshotJson {
  private static final int V1 = 1;

  private SnapshotJson() {}

  public static String encode(SessionState.Present state) {
    return Json.text(json -> {
      Core core = state.core();
      json.writeStartObject();
      json.writeNumberField("v", V1);
      Json.field(json, "key", core.key().toString());
      Json.field(json, "incarnation", core.incarnation().value());
      Json.optional(json, "title", core.title());
      Json.optional(json, "model", core.model());
      json.writeFieldName("usage");
      ContentJson.write(json, core.usage());
      Json.time(json, "createdAt", core.createdAt());
      Json.time(json, "lastActivityAt", core.lastActivityAt());
      json.writeArrayFieldStart("queue");
      for (Waiting waiting : core.queue()) {
        json.writeStartObject();
        json.writeNumberField("eventSeq", waiting.eventSeq());
        json.writeFieldName("message");
        MessageJson.write(json, waiting.message(), "at");
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeNumberField("messageCount", core.messageCount());
      if (core.lastMessageId() != null && core.lastMessageAt() != null) {
        Json.field(json, "lastMessageId", core.lastMessageId().value());
        Json.time(json, "lastMessageAt", core.lastMessageAt());
      }
      writeReceipts(json, core);
      json.writeNumberField("eventSeq", core.eventSeq());
      json.writeNumberField("frameSeq", core.frameSeq());
      if (state instanceof SessionState.Streaming streaming) {
        SessionState.RunningTurn turn = streaming.turn();
        json.writeObjectFieldStart("turn");
        Json.field(json, "turnId", turn.turnId().value());
        Json.field(json, "answerId", turn.answerId().value());
        json.writeFieldName("message");
        MessageJson.write(json, turn.message(), "at");
        Json.time(json, "startedAt", turn.startedAt());
        json.writeNumberField("firstFrame", turn.firstFrame());
        if (turn.resumedBytes() != SessionState.RunningTurn.NEVER_RESUMED) {
          json.writeNumberField("resumedBytes", turn.resumedBytes());
        }
        if (!turn.spent().equals(Usage.NONE)) {
          json.writeFieldName("spent");
          ContentJson.write(json, turn.spent());
        }
        json.writeEndObject();
      }
      json.writeEndObject();
    });
  }

  /// @throws UnreadableException for a version or shape that this version does not know
  public static SessionState.Present decode(String payload) {
    return Json.read(payload, SnapshotJson::state);
  }

  private static SessionState.Present state(JsonNode node) {
    if (node.path("v").asInt() != V1) {
      throw new UnreadableException("unknown version of a snapshot", null);
    }
    List<Waiting> queue = new ArrayList<>();
    for (JsonNode waiting : Json.need(node, "queue")) {
      JsonNode message = Json.need(waiting, "message");
      queue.add(
          new Waiting(
              MessageJson.read(message, Json.time(message, "at")),
              Json.need(waiting, "eventSeq").asLong()));
    }
    String lastMessageId = Json.optional(node, "lastMessageId");
    Core core =
        new Core(
            SessionKey.parse(Json.text(node, "key")),
            new Incarnation(Json.text(node, "incarnation")),
            Json.optional(node, "title"),
            Json.optional(node, "model"),
            ContentJson.usage(Json.need(node, "usage")),
            Json.time(node, "createdAt"),
            Json.time(node, "lastActivityAt"),
            queue,
            Json.need(node, "messageCount").asLong(),
            lastMessageId == null ? null : new MessageId(lastMessageId),
            lastMessageId == null ? null : Json.time(node, "lastMessageAt"),
            readReceipts(Json.need(node, "receipts")),
            node.path("forgotten").asBoolean(),
            Json.need(node, "eventSeq").asLong(),
            Json.need(node, "frameSeq").asLong());
    JsonNode turn = node.get("turn");
    return turn == null
        ? new SessionState.Idle(core)
        : new SessionState.Streaming(core, readTurn(turn));
  }

  private static SessionState.RunningTurn readTurn(JsonNode turn) {
    JsonNode message = Json.need(turn, "message");
    return new SessionState.RunningTurn(
        new TurnId(Json.text(turn, "turnId")),
        new MessageId(Json.text(turn, "answerId")),
        MessageJson.read(message, Json.time(message, "at")),
        Json.time(turn, "startedAt"),
        Json.need(turn, "firstFrame").asLong(),
        turn.path("resumedBytes").asLong(SessionState.RunningTurn.NEVER_RESUMED),
        turn.has("spent") ? ContentJson.usage(turn.get("spent")) : Usage.NONE,
        TurnOutput.EMPTY);
  }

  /// Receipts are many and alike: each is an array of client's id, message, time and, when it
  /// started one, turn.
  private static void writeReceipts(JsonGenerator json, Core core) throws IOException {
    if (core.forgotten()) {
      json.writeBooleanField("forgotten", true);
    }
    json.writeArrayFieldStart("receipts");
    for (var entry : core.receipts().entrySet()) {
      SendReceipt receipt = entry.getValue();
      json.writeStartArray();
      json.writeString(entry.getKey().value());
      json.writeString(receipt.messageId().value());
      json.writeString(receipt.at().toString());
      if (receipt.turnId() != null) {
        json.writeString(receipt.turnId().value());
      }
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private static SequencedMap<ClientMessageId, SendReceipt> readReceipts(JsonNode array) {
    SequencedMap<ClientMessageId, SendReceipt> receipts = new LinkedHashMap<>();
    for (JsonNode entry : array) {
      @Nullable TurnId turnId = entry.size() > 3 ? new TurnId(entry.path(3).asText()) : null;
      receipts.put(
          new ClientMessageId(entry.path(0).asText()),
          new SendReceipt(
              new MessageId(entry.path(1).asText()),
              turnId,
              Instant.parse(entry.path(2).asText())));
    }
    return receipts;
  }
}
