package dev.parley;

import static dev.parley.testing.Answers.errorCode;
import static dev.parley.testing.Answers.get;
import static dev.parley.testing.RpcClient.session;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.app.embedded.EmbeddedDatabase;
import dev.parley.testing.Checker;
import dev.parley.testing.ClientLog;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.Postmaster;
import dev.parley.testing.RpcClient;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The database goes away in the middle of an answer and comes back: nothing uncommitted is shown,
/// everybody is told, and the node goes on without a restart (requirements T6, O2, M3).
class DatabaseOutageIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String SESSION = "outage:demo:t";

  @Test
  void endsTheTurnWithAnErrorAndGoesOnWhenTheDatabaseIsBack(@TempDir Path dataDir)
      throws Exception {
    EmbeddedDatabase database = open(dataDir, EmbeddedDatabase.ANY_PORT);
    int port = database.port();
    try (ParleyProcess parley = ParleyProcess.start(dataDir, settings(database));
        RpcClient a = RpcClient.connect(parley.wsUrl());
        RpcClient b = RpcClient.connect(parley.wsUrl())) {
      ClientLog one = new ClientLog("one", SESSION);
      ClientLog two = new ClientLog("two", SESSION);
      a.create(SESSION);
      RpcClient.Stream first = a.follow(one);
      RpcClient.Stream second = b.follow(two);
      RpcClient.Stream watch = b.stream("session.watch", user(), _ -> {});
      String turnId = get(a.send(one, "/count 4000 400", "first")).path("turnId").asText();
      one.await(() -> one.text(turnId).contains("300 "), LIMIT, "token 300");
      two.await(() -> two.text(turnId).contains("300 "), LIMIT, "token 300");

      Postmaster.kill(database.pid());
      assertThat(errorCode(first.end())).isEqualTo("UNAVAILABLE");
      assertThat(errorCode(second.end())).isEqualTo("UNAVAILABLE");
      assertThat(errorCode(watch.end())).isEqualTo("UNAVAILABLE");
      for (String call : List.of("session.list", "chat.getHistory", "session.listTurns")) {
        assertThat(errorCode(a.call(call, user().put("sessionId", SESSION))))
            .isEqualTo("UNAVAILABLE");
      }
      assertThat(parley.status("/api/sessions/" + SESSION + "/messages")).isEqualTo(503);
      assertThat(errorCode(a.call("chat.getState", session(SESSION)))).isEqualTo("UNAVAILABLE");
      assertThat(errorCode(a.send(one, "too early", "second"))).isEqualTo("UNAVAILABLE");
      assertThat(errorCode(a.subscribe(new ClientLog("nobody", SESSION)).end()))
          .isEqualTo("UNAVAILABLE");
      assertThat(parley.status("/q/health/ready")).isEqualTo(503);
      assertThat(parley.status("/q/health/live")).isEqualTo(200);

      database.close();
      EmbeddedDatabase again = open(dataDir, port);
      try (Connection connection = connect(again)) {
        await(() -> parley.status("/q/health/ready") == 200);
        var _ = a.subscribe(one);
        var _ = b.subscribe(two);
        one.awaitStop(turnId, LIMIT);
        two.awaitStop(turnId, LIMIT);
        JsonNode stop = Objects.requireNonNull(one.stop(turnId));
        assertThat(stop.path("reason").asText()).isEqualTo("error");
        assertThat(stop.path("retryable").asBoolean()).isTrue();
        assertThat(stop.path("error").path("code").asText()).isEqualTo("UNAVAILABLE");

        String next = get(b.send(two, "/count 5 0", "second")).path("turnId").asText();
        one.awaitStop(next, LIMIT);
        two.awaitStop(next, LIMIT);
        assertThat(one.text(next)).isEqualTo("1 2 3 4 5 ");
        assertThat(Checker.check(connection, List.of(one, two))).isEmpty();
      } finally {
        // Parley's connections first: its database waits for them.
        var _ = parley.stop();
        again.close();
      }
    }
  }

  @Test
  void refusesToStartBesideALiveNode(@TempDir Path dataDir) throws Exception {
    try (ParleyProcess first =
            ParleyProcess.start(dataDir, Map.of("PARLEY_NODE_START_WAIT", "300ms"));
        ParleyProcess second =
            ParleyProcess.launch(dataDir, Map.of("PARLEY_NODE_START_WAIT", "300ms"))) {
      assertThat(second.waitFor(LIMIT)).isNotZero();
      assertThat(second.output())
          .contains("Another live Parley node uses this database")
          .doesNotContain("\tat ");
      assertThat(first.status("/q/health/ready")).isEqualTo(200);
    }
  }

  @Test
  void refusesADatabaseThatWouldLoseWhatItConfirms(@TempDir Path dataDir) throws Exception {
    try (EmbeddedDatabase database = open(dataDir, EmbeddedDatabase.ANY_PORT)) {
      try (Connection connection = connect(database);
          var statement = connection.createStatement()) {
        statement.execute("ALTER SYSTEM SET synchronous_commit = off");
        statement.execute("SELECT pg_reload_conf()");
      }
      try (ParleyProcess refused = ParleyProcess.launch(dataDir, settings(database))) {
        assertThat(refused.waitFor(LIMIT)).isNotZero();
        assertThat(refused.output())
            .contains("synchronous_commit=off")
            .contains("parley.database.allow-unsafe")
            .doesNotContain("\tat ");
      }
    }
  }

  @Test
  void waitsForADatabaseThatIsJustComing(@TempDir Path dataDir) throws Exception {
    Map<String, String> settings = new HashMap<>();
    int port;
    try (EmbeddedDatabase database = open(dataDir, EmbeddedDatabase.ANY_PORT)) {
      settings.putAll(settings(database));
      port = database.port();
    }
    settings.put("PARLEY_NODE_START_WAIT", "0s");
    try (ParleyProcess impatient = ParleyProcess.launch(dataDir, settings)) {
      assertThat(impatient.waitFor(LIMIT)).isNotZero();
      assertThat(impatient.output())
          .contains("The database has not answered for PT0S")
          .contains("refused")
          .doesNotContain("\tat ");
    }
    settings.put("PARLEY_NODE_START_WAIT", "60s");
    try (ParleyProcess patient = ParleyProcess.launch(dataDir, settings)) {
      await(() -> patient.output().contains("The database does not answer yet"));
      try (EmbeddedDatabase _ = open(dataDir, port)) {
        patient.awaitReady();
        // Parley's connections first: its database waits for them.
        int _ = patient.stop();
      }
    }
  }

  private static EmbeddedDatabase open(Path dataDir, int port) {
    return EmbeddedDatabase.open(dataDir, Path.of("target", "embedded-postgres"), port);
  }

  private static Map<String, String> settings(EmbeddedDatabase database) {
    return Map.of(
        "QUARKUS_DATASOURCE_REACTIVE_URL", database.reactiveUrl(),
        "QUARKUS_DATASOURCE_USERNAME", database.user(),
        "QUARKUS_DATASOURCE_PASSWORD", database.password());
  }

  private static Connection connect(EmbeddedDatabase database) throws SQLException {
    return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
  }

  private static ObjectNode user() {
    return RpcClient.object().put("userId", "outage");
  }

  private static void await(java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await().pollInterval(Duration.ofMillis(50)).atMost(LIMIT).until(condition);
  }
}
