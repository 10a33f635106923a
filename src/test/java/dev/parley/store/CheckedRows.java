package dev.parley.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.session.SessionState;
import dev.parley.testing.Tables;
import dev.parley.testing.Tables.EventRow;
import dev.parley.testing.Tables.FrameRow;
import dev.parley.testing.Tables.MessageRow;
import dev.parley.testing.Tables.Stored;
import dev.parley.testing.Tables.TurnRow;
import java.util.List;
import java.util.Map;

/// What the store in memory holds, as the checker reads it.
public final class CheckedRows {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private CheckedRows() {}

  /// Every session that was ever created, each as if it were the only one of its key: several may
  /// have had the same one after the other.
  public static List<Tables> read(InMemoryStore store) {
    return store.rows().stream()
        .filter(rows -> !rows.events.isEmpty())
        .map(CheckedRows::stored)
        .map(stored -> new Tables(Map.of(stored.sessionId(), stored)))
        .toList();
  }

  private static Stored stored(InMemoryStore.Rows rows) {
    return new Stored(
        rows.key.toString(),
        json(rows.events.getFirst().payload()).path("incarnation").asText(),
        rows.listed instanceof SessionState.Streaming ? "streaming" : "idle",
        rows.eventSeq,
        rows.frameSeq,
        rows.events.stream()
            .map(e -> new EventRow(e.seq(), e.type(), e.frameSeq(), json(e.payload())))
            .toList(),
        rows.frames.entrySet().stream()
            .map(frame -> new FrameRow(frame.getKey(), json(frame.getValue())))
            .toList(),
        rows.turns.values().stream()
            .map(turn ->
                new TurnRow(
                    turn.turnId().value(),
                    turn.messageId().value(),
                    turn.answerId().value(),
                    turn.status(),
                    turn.firstFrame(),
                    turn.lastFrame(),
                    turn.reason()))
            .toList(),
        rows.messages.values().stream()
            .map(message ->
                new MessageRow(
                    message.ord(),
                    message.id().value(),
                    message.role(),
                    message.eventSeq(),
                    message.discarded()))
            .toList());
  }

  private static JsonNode json(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("a stored payload is no JSON", e);
    }
  }
}
