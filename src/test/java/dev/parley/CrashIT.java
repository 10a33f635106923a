package dev.parley;

import static dev.parley.testing.Answers.get;
import static dev.parley.testing.Numbers.tokens;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.testing.Checker;
import dev.parley.testing.ClientLog;
import dev.parley.testing.Numbers;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RpcClient;
import dev.parley.testing.Tables;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The packaged application is killed in the middle of an answer, over and over on the same data:
/// what clients saw is stored, they go on where they were, and the session is usable again
/// (requirements T6, O2, S2, S3).
///
/// Rounds by `-Dparley.crash.rounds`, a round again by `-Dparley.crash.seed`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrashIT {
  private static final int ROUNDS = Integer.getInteger("parley.crash.rounds", 20);
  private static final @Nullable Long SEED = Long.getLong("parley.crash.seed");

  private static final int TOKENS = 2000;
  private static final int TOKENS_PER_SECOND = 400;

  /// The kill comes a quarter of a second before the last token at the latest.
  private static final int TOKENS_BEFORE_KILL_MAX = TOKENS - TOKENS_PER_SECOND / 4;

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Path dataDir;
  private @Nullable ParleyProcess parley;

  CrashIT(@TempDir Path dataDir) {
    this.dataDir = dataDir;
  }

  @AfterAll
  void leaveNothingBehind() {
    if (parley != null) {
      parley.close();
    }
    ParleyProcess.stopDatabase(dataDir);
  }

  @TestFactory
  Stream<DynamicTest> losesNothingThatWasSeenWhenItIsKilled() {
    long begin = System.nanoTime();
    return IntStream.rangeClosed(1, SEED == null ? ROUNDS : 1)
        .mapToObj(round -> {
          long seed = SEED == null ? begin + round : SEED;
          return DynamicTest.dynamicTest(
              "round " + round + ", seed " + seed, () -> round(round, seed));
        });
  }

  private void round(int round, long seed) throws SQLException {
    Random random = new Random(seed);
    int tokensBeforeKill = random.nextInt(1, TOKENS_BEFORE_KILL_MAX);
    System.out.printf(
        "crash round %d: seed %d, killed after %d tokens%n", round, seed, tokensBeforeKill);

    ParleyProcess first = running();
    String sessionId = "crash:demo:round-" + round + "-" + Long.toString(seed, 36);
    ClientLog one = new ClientLog("one", sessionId);
    ClientLog two = new ClientLog("two", sessionId);
    String turnId;
    try (RpcClient a = RpcClient.connect(first.wsUrl());
        RpcClient b = RpcClient.connect(first.wsUrl())) {
      a.create(sessionId);
      // Both begin before the answer, so that all of it comes to them as frames.
      var _ = a.follow(one);
      var _ = b.follow(two);
      JsonNode reply = get(a.send(one, "/count " + TOKENS + " " + TOKENS_PER_SECOND, "first"));
      assertThat(reply.path("status").asText()).isEqualTo("started");
      turnId = reply.path("turnId").asText();
      one.await(
          () -> tokens(one.text(turnId)) >= tokensBeforeKill, LIMIT, "token " + tokensBeforeKill);
      LockSupport.parkNanos(random.nextLong(Duration.ofMillis(5).toNanos()));
      first.kill();
      await(a.closed()::isDone);
      await(b.closed()::isDone);
    }

    // Nobody asks: the start itself ends what was running.
    ParleyProcess second = running();
    try (Connection database = ParleyProcess.connectTo(dataDir)) {
      await(() -> turnStatus(database, sessionId).equals("interrupted"));

      try (RpcClient a = RpcClient.connect(second.wsUrl());
          RpcClient b = RpcClient.connect(second.wsUrl())) {
        var _ = a.subscribe(one);
        var _ = b.subscribe(two);
        one.awaitStop(turnId, LIMIT);
        two.awaitStop(turnId, LIMIT);
        String partial = one.text(turnId);
        assertThat(two.text(turnId)).isEqualTo(partial);
        assertThat(tokens(partial)).isBetween(tokensBeforeKill, TOKENS - 1);
        assertThat(partial).isEqualTo(Numbers.upTo(tokens(partial)));

        JsonNode reply = get(b.send(two, "/count 5 0", "second"));
        assertThat(reply.path("status").asText()).isEqualTo("started");
        String nextTurnId = reply.path("turnId").asText();
        one.awaitStop(nextTurnId, LIMIT);
        two.awaitStop(nextTurnId, LIMIT);
        assertThat(one.text(nextTurnId)).isEqualTo(Numbers.upTo(5));

        JsonNode again = get(a.send(one, "/count " + TOKENS, "first"));
        assertThat(again.path("duplicate").asBoolean()).isTrue();
        assertThat(again.path("turnId").asText()).isEqualTo(turnId);
      }

      Tables tables = Tables.read(database, List.of(sessionId));
      assertThat(Checker.check(tables, List.of(one, two))).isEmpty();
      assertThat(tables.sessions().values())
          .flatExtracting(Tables.Stored::turns)
          .extracting(Tables.TurnRow::status)
          .containsExactly("interrupted", "completed");
    }
  }

  private ParleyProcess running() {
    ParleyProcess running = parley;
    if (running == null || !running.isAlive()) {
      running = ParleyProcess.start(dataDir, Map.of());
      parley = running;
    }
    return running;
  }

  private static String turnStatus(Connection database, String sessionId) {
    try {
      return String.valueOf(Tables.newestTurnStatus(database, sessionId));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(BooleanSupplier condition) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(LIMIT)
        .until(condition::getAsBoolean);
  }
}
