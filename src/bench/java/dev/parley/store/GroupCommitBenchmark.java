package dev.parley.store;

import dev.parley.app.TestLoops;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.testing.TestDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.pgclient.PgConnection;
import io.vertx.mutiny.sqlclient.PreparedStatement;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgConnectOptions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// One token of each of so many sessions, durable: through the journal, and by a bare `INSERT …
/// SELECT … FROM unnest(…)` of as many rows over the same driver, which checks nothing and derives
/// nothing.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init")
public class GroupCommitBenchmark {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @Param({"1", "10", "100"})
  public int sessions;

  private final Vertx vertx = Vertx.vertx();
  private final List<Story> stories = new ArrayList<>();
  private PostgresLane lane;
  private Journal journal;
  private PgConnection bare;
  private PreparedStatement insert;
  private Long[] sids;
  private String[] texts;
  private long seq;

  @Setup
  public void open() throws SQLException {
    TestDatabase database = TestDatabase.create();
    Flyway.configure()
        .dataSource(database.jdbcUrl(), database.user(), database.password())
        .load()
        .migrate();
    PgConnectOptions options =
        PgConnectOptions.fromUri(database.reactiveUrl())
            .setUser(database.user())
            .setPassword(database.password());
    var loop = TestLoops.make(vertx.getDelegate());
    lane =
        new PostgresLane(
            vertx, options, loop, new PostgresLane.Settings(LIMIT, Duration.ofHours(24)));
    journal = new Journal(loop, lane, (_, _) -> {}, new Journal.Settings(256, 4 << 20, 3));
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE bare (sid bigint, seq bigint, payload text)");
      for (int i = 0; i < sessions; i++) {
        stories.add(story(statement, i));
      }
    }
    bare = await(PgConnection.connect(vertx, options));
    insert =
        await(
            bare.prepare(
                "INSERT INTO bare SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[])"));
    sids = stories.stream().map(Story::sid).toArray(Long[]::new);
    texts = new String[sessions];
    Arrays.fill(
        texts,
        "{\"_tag\":\"StreamEvent\",\"seq\":100,\"turnId\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"event\":{\"type\":\"text-delta\",\"id\":\"t1\",\"delta\":\"word \"}}");
    append(story -> story.next(story.create(null)));
  }

  private static Story story(Statement statement, int number) throws SQLException {
    SessionKey key = SessionKey.parse("bench:demo:t" + number);
    try (ResultSet row =
        statement.executeQuery(
            """
            WITH s AS (INSERT INTO sessions (user_id, agent_id, thread_id)
                       VALUES ('bench', 'demo', 't%d') RETURNING sid)
            INSERT INTO heads (sid, owner_node, owner_epoch) SELECT sid, 'bench', 1 FROM s
            RETURNING sid
            """
                .formatted(number))) {
      row.next();
      return new Story(key, row.getLong(1), 1);
    }
  }

  @TearDown
  public void close() {
    await(bare.close());
    await(lane.close());
    await(vertx.close());
  }

  @Benchmark
  public void journal() {
    append(story ->
        story.next(
            story.state() instanceof SessionState.Streaming
                ? story.say("word ")
                : story.send("and on")));
  }

  @Benchmark
  public void bareUnnest() {
    Long[] seqs = new Long[sessions];
    Arrays.fill(seqs, ++seq);
    var _ = await(insert.query().execute(Tuple.of(sids, seqs, texts)));
  }

  private interface Telling {
    Append next(Story story);
  }

  private void append(Telling telling) {
    List<Uni<AppendResult>> appending =
        stories.stream().map(story -> journal.append(telling.next(story))).toList();
    List<AppendResult> results = await(Uni.join().all(appending).andFailFast());
    if (!results.stream().allMatch(AppendResult.Applied.class::isInstance)) {
      throw new IllegalStateException("not applied: " + results);
    }
  }

  private static <T> T await(Uni<T> uni) {
    return uni.await().atMost(LIMIT);
  }
}
