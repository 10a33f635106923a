package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.parley.app.TestLoops;
import dev.parley.loop.EventLoop;
import dev.parley.session.ClientMessageId;
import dev.parley.store.json.UnreadableException;
import dev.parley.testing.PostgresResource;
import dev.parley.testing.Relay;
import dev.parley.testing.Relay.Damage;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// PostgreSQL keeps the contract. The lane of these tests reaches it through a relay, which loses
/// what a test wants lost.
@QuarkusTest
@TestProfile(PostgresEventStoreTest.Undisturbed.class)
@WithTestResource(PostgresResource.class)
@SuppressWarnings("NullAway.Init")
final class PostgresEventStoreTest extends EventStoreContract {
  /// The application that lends its pool must not take up the sessions and effects of these tests,
  /// nor remove what they have done with.
  public static final class Undisturbed implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "parley.session.recovery-interval", "1h",
          "parley.retention.interval", "1h",
          "parley.effects.poll-interval", "1h",
          "parley.effects.upkeep-interval", "1h");
    }
  }

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int COMMITS_MIN = 100;
  private static final String JOURNAL =
      "datname = current_database() AND application_name = 'parley-journal'";
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  @Inject EventStore store;
  @Inject ColdReads coldReads;
  @Inject Outbox outbox;
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
  private Relay relay;
  private PostgresLane lane;

  /// Runs before the journal of the contract opens, for it overrides what that asks for.
  private void open() {
    PgConnectOptions options =
        PgConnectOptions.fromUri(reactiveUrl).setUser(user).setPassword(password);
    relay = new Relay(options.getPort());
    loop = TestLoops.make(vertx);
    lane =
        new PostgresLane(
            new io.vertx.mutiny.core.Vertx(vertx),
            options.setHost("127.0.0.1").setPort(relay.port()),
            loop,
            new PostgresLane.Settings(TIMEOUT, InMemoryEffects.EXPIRE_AFTER));
  }

  @BeforeEach
  void connect() throws SQLException {
    connection = connection(jdbcUrl);
  }

  @AfterEach
  void close() throws SQLException {
    var _ = outcome(Uni.createFrom().deferred(lane::close).replaceWith(0));
    relay.close();
    connection.close();
  }

  @Test
  void tellsUnknownWhenItsBackendIsKilledWhileABatchWaits() throws SQLException {
    Story story = streaming();
    Append append = story.next(story.say("one "));
    Uni<AppendResult> answer = journal().append(append).memoize().indefinitely();
    try (Connection locker = connection(jdbcUrl)) {
      lockFrames(locker);
      var _ = answer.subscribeAsCompletionStage();
      await().atMost(PATIENCE).until(() -> count("AND wait_event_type = 'Lock'") == 1);
      long pid = number("SELECT pid FROM pg_stat_activity WHERE " + JOURNAL);
      execute(locker, "SELECT pg_terminate_backend(" + pid + ")");
      assertThat(outcome(answer)).isEqualTo(new AppendResult.Unknown());
      locker.rollback();
    }
    assertNothingOf(append, story);
  }

  /// That a killed process loses nothing does not prove that the disk was asked: the kernel keeps
  /// what it was given. Counted are the syncs of the journal's own backend, from its first commit
  /// on, and those of the WAL writer, which now and then is there first.
  @Test
  void syncsTheWalForEveryCommit() throws SQLException {
    long byWalWriterBefore = walSyncs("pg_stat_io", "backend_type = 'walwriter'");
    Story story = begin();
    apply(story, story.next(story.create(null), story.send("hello")));
    AtomicInteger commits = new AtomicInteger(1);
    String ownIo =
        "pg_stat_get_backend_io(%d)"
            .formatted(number("SELECT pid FROM pg_stat_activity WHERE " + JOURNAL));
    // A backend reports with a commit, though not with more than one each second.
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> {
          apply(story, story.next(story.say("word ")));
          long byWalWriter =
              walSyncs("pg_stat_io", "backend_type = 'walwriter'") - byWalWriterBefore;
          boolean enough = commits.incrementAndGet() >= COMMITS_MIN;
          return enough && walSyncs(ownIo, "true") + byWalWriter >= commits.get();
        });
    long own = walSyncs(ownIo, "true");
    System.out.printf("%d commits, %d WAL syncs of the journal's backend%n", commits.get(), own);
    assertThat(own).isGreaterThan(commits.get() * 9 / 10);
  }

  private long walSyncs(String from, String condition) throws SQLException {
    return number(
        "SELECT coalesce(sum(fsyncs), 0) FROM %s WHERE object = 'wal' AND %s"
            .formatted(from, condition));
  }

  @Test
  void tellsUnknownWhenABatchWaitsTooLong() throws SQLException {
    Story story = streaming();
    Append append = story.next(story.say("one "));
    try (Connection locker = connection(jdbcUrl)) {
      lockFrames(locker);
      assertThat(outcome(journal().append(append))).isEqualTo(new AppendResult.Unknown());
      locker.rollback();
    }
    assertNothingOf(append, story);
  }

  @Test
  void missesAnAppendWhoseSessionIsLockedInsteadOfWaiting() throws SQLException {
    Story locked = streaming();
    Story free = streaming();
    try (Connection locker = connection(jdbcUrl)) {
      locker.setAutoCommit(false);
      execute(locker, "SELECT * FROM heads WHERE sid = " + locked.sid() + " FOR UPDATE");
      assertThat(outcome(journal().append(locked.next(locked.say("one ")))))
          .isEqualTo(new AppendResult.Missed());
      apply(free, free.next(free.say("one ")));
      locker.rollback();
    }
  }

  @Test
  void claimsOnlyWhenTheStatementThatWorksOnTheSessionIsThrough() throws Exception {
    Story story = streaming();
    try (Connection worker = connection(jdbcUrl)) {
      worker.setAutoCommit(false);
      execute(worker, "UPDATE heads SET frame_seq = 3 WHERE sid = " + story.sid());
      var claim = store.claim(story.sid(), "node-2").subscribeAsCompletionStage();
      await()
          .atMost(PATIENCE)
          .until(() ->
              number(
                      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                          + " AND wait_event_type = 'Lock'")
                  == 1);
      assertThat(claim).isNotDone();
      worker.commit();
      assertThat(claim.get().orElseThrow()).isGreaterThan(story.epoch());
    }
  }

  @Test
  void refusesToReadASessionWhoseEventsEndBeforeItsHead() throws SQLException {
    Story story = streaming();
    execute(connection, "DELETE FROM events WHERE seq = 2 AND sid = " + story.sid());
    assertUnreadable(story);
  }

  @Test
  void refusesToReadARunningTurnWithAFrameMissing() throws SQLException {
    Story story = streaming();
    apply(story, story.next(story.say("one ", "two ", "three ")));
    execute(connection, "DELETE FROM frames WHERE seq = 5 AND sid = " + story.sid());
    assertUnreadable(story);
  }

  @Test
  void refusesToReadAnEventOfALaterVersion() throws SQLException {
    Story story = streaming();
    execute(connection, "UPDATE events SET version = 9 WHERE seq = 2 AND sid = " + story.sid());
    assertUnreadable(story);
  }

  @Test
  void showsFramesAndEffectsInOneOutbox() throws SQLException {
    Story story = streaming();
    var _ = outcome(outbox.delivered(Map.of(story.sid(), 2L)).replaceWith(0));
    String ofSession = " FROM outbox WHERE sid = " + story.sid();
    assertThat(number("SELECT count(*)" + ofSession + " AND status = 'completed'")).isEqualTo(2);
    assertThat(number("SELECT seq" + ofSession + " AND status = 'pending'")).isEqualTo(3);
  }

  @Test
  void isUnavailableWhileTheServerTakesNoConnection() throws SQLException {
    Story story = streaming();
    apply(story, story.next(story.say("one ")));
    String name = connection.getCatalog();
    try (Connection operator = connection(jdbcUrl.replace("/" + name, "/postgres"))) {
      execute(operator, "ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
      execute(
          operator,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
      List<Uni<?>> reads =
          List.of(
              store.find(story.key()),
              store.claim(story.sid(), "node-2"),
              store.load(story.sid()),
              store.receipt(story.sid(), new ClientMessageId("c")),
              store.history(story.sid(), 9, 9),
              store.unfinished(0, 9),
              coldReads.info(story.key()),
              outbox.frames(story.sid(), 0, 9, 9),
              outbox.heads(List.of(story.sid())));
      try {
        for (Uni<?> read : reads) {
          assertThatThrownBy(() -> outcome(read)).isInstanceOf(StoreUnavailableException.class);
        }
        assertThat(outcome(journal().append(story.next(story.say("two ")))))
            .isEqualTo(new AppendResult.Unknown());
      } finally {
        execute(operator, "ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
      }
    }
    connection = connection(jdbcUrl);
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> outcome(store.find(story.key())).isPresent());
  }

  @Override
  EventStore store() {
    return store;
  }

  @Override
  ColdReads coldReads() {
    return coldReads;
  }

  @Override
  Outbox outbox() {
    return outbox;
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

  @Override
  Tables tables(long sid) {
    try {
      return PostgresTables.read(connection, sid);
    } catch (SQLException e) {
      throw new AssertionError("cannot read the tables", e);
    }
  }

  @Override
  void lose(Loss loss) {
    relay.damage(
        switch (loss) {
          case STATEMENT -> Damage.CUT_AT_REQUEST;
          case ANSWER -> Damage.CUT_AT_ANSWER;
          case LATE -> Damage.HOLD_REQUESTS;
        });
  }

  /// The backend of the statement goes when it has carried it out: its client is gone.
  @Override
  void releaseLate() throws SQLException {
    assertThat(count("")).isEqualTo(1);
    relay.release();
    await().atMost(PATIENCE).until(() -> count("") == 0);
  }

  private void assertNothingOf(Append append, Story story) {
    long epoch = outcome(store.reclaim(story.sid(), "node-1", story.epoch())).orElseThrow();
    StoredSession truth = outcome(store.load(story.sid()));
    assertThat(truth.lastCommit()).isNotEqualTo(append.commitId());
    assertThat(truth.state()).isEqualTo(append.before());
    story.ownedUnder(epoch);
    story.believe(truth.state());
    apply(story, story.next(story.say("again ")));
  }

  private void assertUnreadable(Story story) {
    assertThatThrownBy(() -> outcome(store.load(story.sid())))
        .isInstanceOf(UnreadableException.class);
  }

  private void lockFrames(Connection locker) throws SQLException {
    locker.setAutoCommit(false);
    execute(locker, "LOCK TABLE frames IN EXCLUSIVE MODE");
  }

  /// How many journals' backends are as the condition says.
  private long count(String condition) throws SQLException {
    return number("SELECT count(*) FROM pg_stat_activity WHERE " + JOURNAL + " " + condition);
  }

  private long number(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    }
  }

  private static void execute(Connection on, String sql) throws SQLException {
    try (Statement statement = on.createStatement()) {
      boolean _ = statement.execute(sql);
    }
  }

  private Connection connection(String url) throws SQLException {
    return DriverManager.getConnection(url, user, password);
  }
}
