package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.parley.app.TestLoops;
import dev.parley.loop.EventLoop;
import dev.parley.testing.PostgresResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// PostgreSQL keeps the contract of discrete effects.
@QuarkusTest
@TestProfile(PostgresEventStoreTest.Undisturbed.class)
@WithTestResource(PostgresResource.class)
@SuppressWarnings("NullAway.Init")
final class PostgresEffectsTest extends EffectQueueContract {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Inject EffectQueue queue;
  @Inject EffectInspector inspector;
  @Inject EventStore store;
  @Inject Database database;
  @Inject Vertx vertx;

  @ConfigProperty(name = "quarkus.datasource.jdbc.url")
  String jdbcUrl;

  @ConfigProperty(name = "quarkus.datasource.reactive.url")
  String reactiveUrl;

  @ConfigProperty(name = "quarkus.datasource.username")
  String user;

  @ConfigProperty(name = "quarkus.datasource.password")
  String password;

  private Connection connection;
  private EventLoop loop;
  private PostgresLane lane;

  /// Runs before the journal of the contract opens, for it overrides what that asks for.
  private void open() {
    loop = TestLoops.make(vertx);
    lane =
        new PostgresLane(
            new io.vertx.mutiny.core.Vertx(vertx),
            PgConnectOptions.fromUri(reactiveUrl).setUser(user).setPassword(password),
            loop,
            new PostgresLane.Settings(Duration.ofSeconds(5), InMemoryEffects.EXPIRE_AFTER));
  }

  @BeforeEach
  void connect() throws SQLException {
    connection = DriverManager.getConnection(jdbcUrl, user, password);
    execute("TRUNCATE effects");
  }

  @AfterEach
  void close() throws SQLException {
    var _ = outcome(Uni.createFrom().deferred(lane::close).replaceWith(0));
    connection.close();
  }

  @Test
  void tellsHowManyWaitAndHowLongTheOldestHas() throws SQLException {
    PostgresEffectBacklog backlog = new PostgresEffectBacklog(database);
    assertThat(outcome(backlog.read(10))).isEqualTo(new EffectBacklog.Backlog(0, 0, Duration.ZERO));
    Story story = session("a");
    execute(
        """
        INSERT INTO effects (id, sid, kind, dedupe_key, payload, event_seq, ord, expires_at, status,
                             attempts, last_attempt_at, next_attempt_at, finished_at, last_error,
                             created_at)
        SELECT status || n, %d, 'call_webhook', status || n, '{}', 2, n + length(status),
               now() + interval '1 day', status, 1, now(),
               CASE WHEN status = 'pending' THEN now() END,
               CASE WHEN status <> 'pending' THEN now() END,
               CASE WHEN status = 'failed' THEN 'status 500' END,
               now() - interval '1 hour'
          FROM generate_series(1, 4) n, unnest(ARRAY['pending', 'failed', 'completed']) status
        """
            .formatted(story.sid()));
    EffectBacklog.Backlog told = outcome(backlog.read(10));
    assertThat(told.unfinished()).isEqualTo(5);
    assertThat(told.failed()).isEqualTo(4);
    assertThat(told.oldest()).isBetween(Duration.ofMinutes(59), Duration.ofMinutes(65));
    assertThat(outcome(backlog.read(3)).unfinished()).isEqualTo(3);
  }

  @Test
  void waitsForNoRowThatSomebodyElseHasLocked() throws SQLException {
    Story locked = session("a");
    Story free = session("b");
    try (Connection locker = DriverManager.getConnection(jdbcUrl, user, password);
        Statement statement = locker.createStatement()) {
      locker.setAutoCommit(false);
      boolean _ =
          statement.execute("SELECT * FROM effects WHERE id = '" + id("a") + "' FOR UPDATE");
      assertThat(claimAll(List.of(locked, free)))
          .extracting(ClaimedEffect::id)
          .containsExactly(id("b"));
      assertThat(outcome(queue.expire(10))).isZero();
      locker.rollback();
    }
    assertThat(claim(locked).id()).isEqualTo(id("a"));
  }

  /// Counted are the blocks of the table and its indexes, those that planning looks at included.
  @Test
  void touchesNextToNothingWhileNothingIsDue() throws SQLException {
    Story story = session("a");
    execute(
        """
        INSERT INTO effects (id, sid, kind, dedupe_key, payload, event_seq, ord, expires_at, status,
                             attempts, last_attempt_at, next_attempt_at, finished_at, last_error)
        SELECT 'old-' || n, %d, 'call_webhook', 'old-' || n, '{}', 2, n, now() + interval '1 day',
               CASE WHEN n %% 10 = 0 THEN 'failed' ELSE 'completed' END,
               1, now(), NULL, now(), 'status 500'
          FROM generate_series(1, 100000) n
        """
            .formatted(story.sid()));
    ClaimedEffect claimed = claim(story);
    assertThat(outcome(queue.complete(claimed.id(), claimed.attempts()))).isTrue();
    double blocks =
        blocksOf(
            q -> q.due(0, 1000),
            q -> q.expire(1000),
            q -> q.removeCompleted(Duration.ofDays(7), 1000));
    System.out.printf("%.1f blocks for a poll and its upkeep beside 100,000 effects%n", blocks);
    assertThat(blocks).isLessThan(40);
  }

  /// One session has ten thousand effects and waits for the pause of its first.
  @Test
  void touchesLittleHoweverLongTheLineOfASessionIs() throws SQLException {
    Story busy = session("first");
    execute(
        """
        INSERT INTO effects (id, sid, kind, dedupe_key, payload, event_seq, ord, expires_at)
        SELECT 'line-' || n, %d, 'call_webhook', 'line-' || n, '{}', 1000, n,
               now() + interval '1 day'
          FROM generate_series(1, 10000) n
        """
            .formatted(busy.sid()));
    ClaimedEffect claimed = claim(busy);
    Duration pause = Duration.ofHours(1);
    assertThat(outcome(queue.retry(claimed.id(), claimed.attempts(), pause, "status 500")))
        .isTrue();
    Story other = session("b");
    assertThat(outcome(queue.due(0, 10)).sids()).containsExactly(other.sid());
    double blocks = blocksOf(q -> q.due(0, 1000), q -> q.claim(List.of(busy.sid()), LEASE));
    System.out.printf("%.1f blocks for a poll and a claim beside a line of 10,000%n", blocks);
    assertThat(blocks).isLessThan(100);
  }

  @Test
  void showsEffectsInTheOutbox() throws SQLException {
    Story story = session("a");
    fail(claim(story));
    String ofEffect = " FROM outbox WHERE id = '" + id("a") + "' AND sid = " + story.sid();
    assertThat(text("SELECT status" + ofEffect)).isEqualTo("failed");
    assertThat(text("SELECT last_error" + ofEffect)).isEqualTo("status 500");
    assertThat(text("SELECT kind" + ofEffect)).isEqualTo("call_webhook");
    assertThat(text("SELECT attempts::text" + ofEffect)).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status = 'executing'",
        "status = 'completed'",
        "status = 'failed', finished_at = now(), next_attempt_at = NULL",
        "status = 'failed', last_error = 'why', next_attempt_at = NULL",
        "attempts = 1",
        "attempts_before = 1",
        "next_attempt_at = NULL",
        "finished_at = now()",
        "lease_until = now()",
        "event_seq = 0",
        "kind = 'other'"
      })
  void keepsNoEffectThatMakesNoSense(String nonsense) {
    Story _ = session("a");
    assertThatThrownBy(() -> execute("UPDATE effects SET " + nonsense))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23514"));
  }

  @Test
  void isUnavailableWhileTheServerTakesNoConnection() throws SQLException {
    Story story = session("a");
    String name = connection.getCatalog();
    try (Connection operator =
            DriverManager.getConnection(jdbcUrl.replace("/" + name, "/postgres"), user, password);
        Statement statement = operator.createStatement()) {
      boolean _ = statement.execute("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
      boolean _ =
          statement.execute(
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
                  + name
                  + "'");
      try {
        List<Uni<?>> calls =
            List.of(
                queue.due(0, 10),
                queue.claim(List.of(story.sid()), LEASE),
                queue.complete(id("a"), 1),
                queue.expire(10),
                inspector.find(id("a")),
                inspector.rerun(id("a")));
        for (Uni<?> call : calls) {
          assertThatThrownBy(() -> outcome(call)).isInstanceOf(StoreUnavailableException.class);
        }
      } finally {
        boolean _ = statement.execute("ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
      }
    }
    connection = DriverManager.getConnection(jdbcUrl, user, password);
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> outcome(inspector.find(id("a"))).isPresent());
  }

  private interface Call {
    Uni<?> of(EffectQueue queue);
  }

  /// Blocks of the table and its indexes that these calls touch together, on average. A connection
  /// of their own makes them, so that it can be told to report at once.
  private double blocksOf(Call... calls) throws SQLException {
    execute("VACUUM ANALYZE effects");
    Pool pool =
        Pool.newInstance(
            PgBuilder.pool()
                .using(vertx)
                .with(new PoolOptions().setMaxSize(1))
                .connectingTo(
                    PgConnectOptions.fromUri(reactiveUrl)
                        .setUser(user)
                        .setPassword(password)
                        .setCachePreparedStatements(true))
                .build());
    Database database = new Database(pool, loop, PATIENCE);
    EffectQueue counted = new PostgresEffectQueue(database);
    int times = 100;
    long before = blocks();
    for (int i = 0; i < times; i++) {
      for (Call call : calls) {
        Object _ = outcome(call.of(counted));
      }
    }
    var _ = outcome(database.query("SELECT pg_stat_force_next_flush()", Tuple.tuple()));
    long after = blocks();
    outcome(pool.close().replaceWith(0));
    return (after - before) / (double) times;
  }

  private long blocks() throws SQLException {
    return Long.parseLong(
        text(
            """
            SELECT (coalesce(heap_blks_read, 0) + coalesce(heap_blks_hit, 0)
                    + coalesce(idx_blks_read, 0) + coalesce(idx_blks_hit, 0))::text
              FROM pg_statio_user_tables WHERE relname = 'effects'
            """));
  }

  @Override
  EffectQueue queue() {
    return queue;
  }

  @Override
  EffectInspector inspector() {
    return inspector;
  }

  @Override
  EventStore store() {
    return store;
  }

  @Override
  CommitLane lane() {
    open();
    return lane;
  }

  @Override
  EventLoop loop() {
    return loop;
  }

  @Override
  <T> T outcome(Uni<T> uni) {
    return uni.await().atMost(PATIENCE);
  }

  /// The server's clock cannot be moved: the effects are.
  @Override
  void pass(Duration time) {
    String columns =
        String.join(
            ", ",
            Stream.of(
                    "created_at",
                    "expires_at",
                    "last_attempt_at",
                    "next_attempt_at",
                    "lease_until",
                    "finished_at")
                .map(c -> "%s = %s - interval '%d milliseconds'".formatted(c, c, time.toMillis()))
                .toList());
    try {
      execute("UPDATE effects SET " + columns);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    }
  }

  private String text(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }
}
