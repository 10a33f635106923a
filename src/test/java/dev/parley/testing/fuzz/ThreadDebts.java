package dev.parley.testing.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The thread protocol: every message has one last frame. One whose id came again may have more.
final class ThreadDebts extends Debts {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Set<String> LAST = Set.of("final", "error", "cancelled");

  private final Transcripts own;
  private final Set<String> ownIds;
  private final Map<String, Integer> ended = new LinkedHashMap<>();

  /// @param own frames whose ids nothing else has
  ThreadDebts(Transcripts own) {
    this.own = own;
    this.ownIds =
        Set.copyOf(
            own.threadFrames().stream()
                .map(frame -> node(frame).path("requestId").asText())
                .toList());
  }

  /// Damaged messages are answered too, but which of them is what is the server's secret: those
  /// that count are the last words.
  @Override
  void sent(byte[] message, boolean text) {
    String frame = new String(message, StandardCharsets.UTF_8);
    if (own.threadFrames().contains(frame)) {
      synchronized (this) {
        ended.putIfAbsent(node(frame).path("requestId").asText(), 0);
      }
    }
  }

  @Override
  List<String> lastWords() {
    return own.threadFrames();
  }

  @Override
  boolean isQuiet() {
    return true;
  }

  @Override
  List<String> farewells() {
    return List.of();
  }

  @Override
  void pay(String message) {
    JsonNode frame = node(message);
    String id = frame.path("requestId").asText();
    if (LAST.contains(frame.path("type").asText()) && ownIds.contains(id)) {
      ended.merge(id, 1, Integer::sum);
    }
  }

  @Override
  synchronized List<String> open() {
    List<String> open = new ArrayList<>();
    ended.forEach((id, count) -> {
      if (count != 1) {
        open.add("request %s has %d last frames".formatted(id, count));
      }
    });
    return open;
  }

  private static JsonNode node(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (IOException e) {
      throw new IllegalStateException("the server says what is no JSON", e);
    }
  }
}
