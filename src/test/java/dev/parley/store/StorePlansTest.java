package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.Plan;
import dev.parley.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What loading and removing cost does not depend on how much is stored: the planner is asked with
/// 10 000 sessions, one of which is large.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class StorePlansTest {
  private static final int LARGE = 1;
  private static final int SNAPSHOT_EVENTS = 200;

  /// Two ways down an index, and little more.
  private static final int BUFFERS_OF_NOTHING_MAX = 20;

  private static final int ROWS_MAX = 5_000;

  /// What removing a row touches: the row, its index entries, the way down to them.
  private static final int BUFFERS_OF_ROW_MAX = 20;

  private Connection connection;

  @BeforeAll
  void fill() throws SQLException {
    TestDatabase database = TestDatabase.create();
    var _ =
        Flyway.configure()
            .dataSource(database.jdbcUrl(), database.user(), database.password())
            .load()
            .migrate();
    connection = database.connect();
    // Each session has three turns whose frames are gone and one whose frames are kept: 20 of them,
    // and of the first two sessions 100 000, with as many events.
    execute(
        """
        INSERT INTO sessions (user_id, agent_id, thread_id, incarnation, created_at,
                              last_activity_at)
        SELECT 'user-' || n % 100, 'demo', 't-' || n, 'i-' || n, now(), now()
          FROM generate_series(1, 10000) n
        """,
        "UPDATE sessions SET deleted_at = now() - interval '1 day' WHERE sid = 2",
        "CREATE TEMP TABLE sizes AS SELECT sid, CASE WHEN sid <= 2 THEN 100000 ELSE 20 END AS size"
            + " FROM sessions",
        """
        INSERT INTO heads (sid, owner_node, owner_epoch, event_seq, frame_seq)
        SELECT sid, 'node', 1, size, 300 + size FROM sizes
        """,
        """
        INSERT INTO frames (sid, seq, payload)
        SELECT sid, 300 + n, repeat('x', 60) FROM sizes, generate_series(1, size) n
        """,
        """
        INSERT INTO events (sid, seq, type, version, frame_seq, payload, created_at)
        SELECT sid, n, 'SessionTouched', 1, 300, repeat('x', 60), now()
          FROM sizes, generate_series(1, size) n
        """,
        """
        INSERT INTO snapshots (sid, event_seq, payload)
        SELECT sid, greatest(1, size - 199), repeat('x', 300) FROM sizes
        """,
        """
        INSERT INTO turns (sid, turn_id, message_id, answer_id, status, first_frame, last_frame,
                           started_at, completed_at, frames_kept)
        SELECT sid, 't-' || n, 'm-' || n, 'a-' || n, 'completed', n * 50,
               CASE n WHEN 4 THEN 300 + size ELSE n * 50 + 1 END, now(),
               CASE n WHEN 4 THEN now() ELSE now() - interval '9 days' END, n = 4
          FROM sizes, generate_series(1, 4) n
        """,
        """
        INSERT INTO messages (sid, ord, message_id, role, event_seq)
        SELECT sid, n, 'm-' || n, 'user', n FROM sizes, generate_series(1, 8) n
        """,
        """
        INSERT INTO sends (sid, client_message_id, message_id, sent_at)
        SELECT sid, 'c-' || n, 'm-' || n, now() FROM sizes, generate_series(1, 4) n
        """,
        "INSERT INTO deliveries (sid, delivered_seq) SELECT sid, 300 FROM sizes",
        """
        INSERT INTO user_tokens (user_id, day, tokens)
        SELECT 'user-' || n, current_date - d, 1000
          FROM generate_series(1, 1000) n, generate_series(0, 34) d
        """,
        "VACUUM ANALYZE");
  }

  @AfterAll
  void close() throws SQLException {
    connection.close();
  }

  @Test
  void loadsOneSnapshotAndTheEventsAfterItHoweverManyThereAre() throws SQLException {
    for (Plan plan : Plan.of(connection, PostgresEventStore.LOAD, Integer.toString(LARGE))) {
      assertThat(plan.scanned()).as("%s", plan).isEmpty();
      assertThat(plan.read("snapshots")).as("%s", plan).isEqualTo(1);
      assertThat(plan.read("events")).as("%s", plan).isEqualTo(SNAPSHOT_EVENTS - 1);
      assertThat(plan.buffers()).as("%s", plan).isLessThan(SNAPSHOT_EVENTS);
    }
  }

  @Test
  void touchesNextToNothingWhereNothingIsOld() throws SQLException {
    for (Plan plan :
        Plan.of(connection, PostgresRemoval.FRAMES, "now() - interval '7 days', 100, 5000")) {
      assertTouchesNothing(plan);
    }
    for (Plan plan :
        Plan.of(connection, PostgresRemoval.DELETED, "now() - interval '7 days', 100")) {
      assertTouchesNothing(plan);
    }
    for (Plan plan : Plan.of(connection, PostgresRemoval.TOKENS, "current_date - 35, 5000")) {
      assertTouchesNothing(plan);
    }
  }

  private static void assertTouchesNothing(Plan plan) {
    assertThat(plan.scanned()).as("%s", plan).isEmpty();
    assertThat(plan.buffers()).as("%s", plan).isLessThan(BUFFERS_OF_NOTHING_MAX);
  }

  @Test
  void removesFramesOfOldTurnsByTheirIndexes() throws SQLException {
    for (Plan plan : Plan.of(connection, PostgresRemoval.FRAMES, "now(), 100, 5000")) {
      assertThat(plan.scanned()).as("%s", plan).isEmpty();
      assertThat(plan.read("turns")).as("%s", plan).isLessThanOrEqualTo(200);
      assertThat(plan.read("frames")).as("%s", plan).isLessThanOrEqualTo(ROWS_MAX + 100);
      assertThat(plan.buffers()).as("%s", plan).isLessThan(ROWS_MAX * BUFFERS_OF_ROW_MAX);
    }
  }

  @Test
  void findsDeletedSessionsByTheirIndex() throws SQLException {
    for (Plan plan : Plan.of(connection, PostgresRemoval.DELETED, "now(), 100")) {
      assertThat(plan.scanned()).as("%s", plan).isEmpty();
      assertThat(plan.read("sessions")).as("%s", plan).isEqualTo(1);
    }
  }

  @Test
  void removesAPartOfALargeSessionWithoutReadingTheRest() throws SQLException {
    for (Plan plan : Plan.of(connection, PostgresRemoval.SESSIONS, "ARRAY[2], 5000")) {
      // It is empty here.
      assertThat(plan.scanned()).as("%s", plan).isSubsetOf("effects");
      assertThat(plan.read("frames")).as("%s", plan).isEqualTo(2 * ROWS_MAX);
      assertThat(plan.read("events")).as("%s", plan).isEqualTo(2 * ROWS_MAX);
      assertThat(plan.buffers()).as("%s", plan).isLessThan(2 * ROWS_MAX * BUFFERS_OF_ROW_MAX);
    }
  }

  @Test
  void removesDaysByTheirIndex() throws SQLException {
    for (Plan plan : Plan.of(connection, PostgresRemoval.TOKENS, "current_date - 20, 5000")) {
      assertThat(plan.scanned()).as("%s", plan).isEmpty();
      assertThat(plan.read("user_tokens")).as("%s", plan).isLessThanOrEqualTo(2 * ROWS_MAX);
      assertThat(plan.buffers()).as("%s", plan).isLessThan(ROWS_MAX * BUFFERS_OF_ROW_MAX);
    }
  }

  @Test
  void readsOneRowToTellWhatAUserHasSpent() throws SQLException {
    for (Plan plan : Plan.of(connection, PostgresSpending.SPENT, "'user-7', current_date")) {
      assertThat(plan.indexes()).as("%s", plan).containsExactly("user_tokens_pkey");
      assertThat(plan.read("user_tokens")).as("%s", plan).isEqualTo(1);
    }
  }

  private void execute(String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        boolean _ = statement.execute(sql);
      }
    }
  }
}
