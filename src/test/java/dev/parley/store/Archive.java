package dev.parley.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.session.Event;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.store.InMemoryStore.Rows;
import dev.parley.testing.Tables;
import dev.parley.testing.Tables.EventRow;
import dev.parley.testing.Tables.FrameRow;
import dev.parley.testing.Tables.MessageRow;
import dev.parley.testing.Tables.Stored;
import dev.parley.testing.Tables.TurnRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// All that was ever committed, also what has been removed since, as the checker reads it.
public final class Archive {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final NavigableMap<Long, Rows> sessions = new TreeMap<>();

  /// Takes in what has just become durable.
  public void add(PreparedAppend prepared) {
    sessions
        .computeIfAbsent(prepared.append().sid(), _ -> new Rows(key(prepared.append())))
        .apply(prepared);
  }

  /// The key of the session that is written to.
  public static SessionKey key(Append append) {
    return append.before() instanceof SessionState.Present present
        ? present.core().key()
        : ((Event.SessionCreated) append.events().getFirst().event()).key();
  }

  /// Every session that was ever created, each as if it were the only one of its key: several may
  /// have had the same one after the other.
  public List<Tables> tables() {
    return sessions.values().stream()
        .map(Archive::stored)
        .map(stored -> new Tables(Map.of(stored.sessionId(), stored)))
        .toList();
  }

  /// What the store does not hold as it was committed, and should: everything of a session that
  /// exists but frames from the first one on.
  public List<String> missing(InMemoryStore store) {
    List<String> missing = new ArrayList<>();
    sessions.forEach((sid, all) -> {
      Rows kept = store.sessions().get(sid);
      if (all.deletedAt == null && (kept == null || !isWhole(kept, all))) {
        missing.add("session " + sid + " has lost something else than old frames");
      }
    });
    return missing;
  }

  private static boolean isWhole(Rows kept, Rows all) {
    long first = kept.frames.isEmpty() ? all.frameSeq + 1 : kept.frames.firstKey();
    return kept.isHeaded
        && kept.events.equals(all.events)
        && kept.frames.equals(all.frames.tailMap(first, true))
        && kept.turns.equals(all.turns)
        && kept.messages.equals(all.messages)
        && kept.sends.equals(all.sends);
  }

  private static Stored stored(Rows rows) {
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
