package dev.parley.testing.storm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.testing.Checker;
import dev.parley.testing.ClientLog;
import dev.parley.testing.ClientLog.Answer;
import dev.parley.testing.Tables;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/// Holds what the clients of a storm saw against what is stored, and makes sure that it would have
/// seen a difference.
final class Judge {
  private final Scene scene;
  private final Postgres postgres;
  private final Random random;

  Judge(Scene scene, Postgres postgres, Random random) {
    this.scene = scene;
    this.postgres = postgres;
    this.random = random;
  }

  Figures judge(Map<Weather.Strike, Integer> strikes) throws SQLException {
    Tables tables;
    try (Connection connection = postgres.connect()) {
      tables = Tables.read(connection, scene.sessionIds());
    }
    List<String> violations = new ArrayList<>(scene.violations());
    violations.addAll(Checker.check(tables, scene.logs()));
    violations.addAll(Lives.check(scene.lives()));
    if (Checker.check(tables, List.of(withoutOneEvent())).isEmpty()) {
      violations.add("the checker does not see that an event is missing");
    }
    return new Figures(
        1,
        strikes,
        tables.sessions().size(),
        Stream.concat(scene.logs().stream(), scene.lives().stream())
            .mapToInt(log -> log.subscriptions().size())
            .sum(),
        sends(),
        tables.sessions().values().stream().mapToInt(s -> s.turns().size()).sum(),
        tables.sessions().values().stream().mapToInt(s -> s.frames().size()).sum(),
        scene.traffic().events(),
        violations);
  }

  private int sends() {
    return (int)
        scene.logs().stream()
            .flatMap(log -> log.answers().stream())
            .filter(Answer.Sent.class::isInstance)
            .map(answer -> ((Answer.Sent) answer).clientMessageId())
            .distinct()
            .count();
  }

  /// A client's log as it would be if one event had not reached it.
  private ClientLog withoutOneEvent() {
    List<ClientLog> logs = new ArrayList<>(scene.logs());
    Collections.shuffle(logs, random);
    for (ClientLog log : logs) {
      for (ClientLog.Subscription subscription : log.subscriptions()) {
        List<JsonNode> received = subscription.received();
        if (subscription.afterSeq() == null && received.size() > 2) {
          ClientLog spoiled = new ClientLog(log.client(), log.sessionId());
          var recorder = spoiled.subscribing(null);
          int lost = random.nextInt(1, received.size() - 1);
          for (int i = 0; i < received.size(); i++) {
            if (i != lost) {
              recorder.accept(received.get(i));
            }
          }
          return spoiled;
        }
      }
    }
    throw new AssertionError("no client received anything");
  }
}
