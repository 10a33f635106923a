package dev.parley.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.parley.content.ChatStreamEvent;
import dev.parley.session.SessionState.Core;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.RunningTurn;
import dev.parley.session.SessionState.Streaming;
import dev.parley.session.SessionState.Waiting;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A session's state as clients see it: the answer of `chat.getState` and the `InitialState` that
/// opens every subscription.
public final class ClientStateJson {
  private ClientStateJson() {}

  /// The snapshot with the head's number and the incarnation.
  public static String state(Present state) {
    return Json.text(json -> {
      json.writeStartObject();
      snapshotFields(json, state);
      json.writeNumberField("seq", state.frameSeq());
      Json.field(json, "incarnation", state.core().incarnation().value());
      json.writeEndObject();
    });
  }

  /// @param withBuffer whether the running turn so far is told: on a first subscription, not on a
  ///   resume
  /// @param reset the cursor the client gave could not be honoured
  public static String initialState(Present state, boolean withBuffer, boolean reset) {
    return Json.text(json -> {
      @Nullable RunningTurn turn = state instanceof Streaming s ? s.turn() : null;
      json.writeStartObject();
      Json.field(json, "_tag", "InitialState");
      json.writeObjectFieldStart("snapshot");
      snapshotFields(json, state);
      json.writeEndObject();
      json.writeArrayFieldStart("buffer");
      if (withBuffer && turn != null) {
        ContentJson.write(json, new ChatStreamEvent.Start(turn.answerId()));
        for (ChatStreamEvent said : turn.output().events()) {
          ContentJson.write(json, said);
        }
      }
      json.writeEndArray();
      json.writeNumberField("seq", state.frameSeq());
      Json.field(json, "incarnation", state.core().incarnation().value());
      json.writeBooleanField("reset", reset);
      if (turn != null) {
        turnContext(json, turn);
      }
      json.writeFieldName("usage");
      ContentJson.write(json, state.core().usage());
      json.writeEndObject();
    });
  }

  private static void snapshotFields(JsonGenerator json, Present state) throws IOException {
    Core core = state.core();
    Json.field(json, "status", state instanceof Streaming ? "streaming" : "idle");
    if (state instanceof Streaming streaming) {
      Json.field(json, "activeTurnId", streaming.turn().turnId().value());
    } else {
      json.writeNullField("activeTurnId");
    }
    json.writeArrayFieldStart("queue");
    for (Waiting waiting : core.queue()) {
      MessageJson.write(json, waiting.message(), "queuedAt");
    }
    json.writeEndArray();
    json.writeObjectFieldStart("historyCursor");
    json.writeStringField(
        "lastMessageId", core.lastMessageId() == null ? null : core.lastMessageId().value());
    json.writeStringField(
        "lastMessageAt", core.lastMessageAt() == null ? null : core.lastMessageAt().toString());
    json.writeEndObject();
  }

  private static void turnContext(JsonGenerator json, RunningTurn turn) throws IOException {
    json.writeObjectFieldStart("turnContext");
    Json.field(json, "turnId", turn.turnId().value());
    Json.field(json, "messageId", turn.message().id().value());
    Json.field(json, "content", turn.message().content());
    if (turn.message().parts() != null) {
      Json.raw(json, "parts", turn.message().parts());
    }
    if (turn.message().clientMessageId() != null) {
      Json.field(json, "clientMessageId", turn.message().clientMessageId().value());
    }
    Json.time(json, "startedAt", turn.startedAt());
    json.writeEndObject();
  }
}
