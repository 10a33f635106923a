package dev.parley.testing.storm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.testing.ClientLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Judges what was seen of sessions that were deleted, whose rows nobody can compare with any more:
/// without gap and double up to the end of each life, nothing behind it, and nothing of one life in
/// another (requirements S1, S2, S7).
final class Lives {
  private final List<String> violations = new ArrayList<>();

  /// The life in which each turn of a key was seen.
  private final Map<String, String> turns = new HashMap<>();

  private Lives() {}

  static List<String> check(Collection<ClientLog> logs) {
    Lives lives = new Lives();
    for (ClientLog log : logs) {
      log.subscriptions().forEach(subscription -> lives.check(log, subscription));
    }
    return lives.violations;
  }

  private void check(ClientLog log, ClientLog.Subscription subscription) {
    String who = "session " + log.sessionId() + ", client " + log.client() + ": ";
    @Nullable Long cursor = subscription.afterSeq();
    boolean deleted = false;
    for (JsonNode event : subscription.received()) {
      String tag = event.path("_tag").asText();
      if (deleted) {
        violations.add(who + tag + " came after SessionDeleted");
      }
      switch (tag) {
        case "InitialState" -> {
          if (cursor == null || event.path("reset").asBoolean()) {
            cursor = event.path("seq").asLong();
          }
          if (!event.path("incarnation").asText().equals(log.incarnation())) {
            violations.add(who + "two lives in one subscription");
          }
          seen(log, event.path("turnContext"), who);
        }
        case "SessionDeleted" -> deleted = true;
        default -> {
          long seq = event.path("seq").asLong(-1);
          long firstSeq = event.path("firstSeq").asLong(seq);
          if (cursor == null || firstSeq != cursor + 1) {
            violations.add(who + "after " + cursor + " came " + firstSeq);
          }
          cursor = seq;
          seen(log, event, who);
        }
      }
    }
  }

  private void seen(ClientLog log, JsonNode event, String who) {
    String turnId = event.path("turnId").textValue();
    String life = log.sessionId() + " " + log.incarnation();
    if (turnId != null
        && !life.equals(Objects.requireNonNullElse(turns.putIfAbsent(turnId, life), life))) {
      violations.add(who + "turn " + turnId + " is of another life");
    }
  }
}
