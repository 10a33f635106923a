package dev.parley.store.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.Plan;
import dev.parley.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a page costs does not depend on how much there is: the planner is asked with 100 000
/// sessions of one user, and 100 000 messages and turns of one session.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class PagePlansTest {
  /// Pages of memory that one statement may touch: a few for each of the 51 rows it reads, and the
  /// way down the indexes.
  private static final int BUFFERS_MAX = 600;

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
    // Every tenth session has another agent; t-1 is the oldest, t-100000 the newest.
    execute(
        """
        INSERT INTO sessions (user_id, agent_id, thread_id, incarnation, created_at,
                              last_activity_at)
        SELECT 'big', CASE WHEN n % 10 = 0 THEN 'rare' ELSE 'demo' END, 't-' || n, 'i-' || n,
               now(), now() - interval '1 day' + n * interval '1 ms'
          FROM generate_series(1, 100000) n
        """,
        """
        INSERT INTO sessions (user_id, agent_id, thread_id, incarnation, created_at,
                              last_activity_at)
        SELECT 'small-' || n, 'demo', 't', 'i', now(), now() FROM generate_series(1, 1000) n
        """,
        """
        INSERT INTO messages (sid, ord, message_id, role, event_seq)
        SELECT s, n, 'm-' || n, CASE WHEN n % 2 = 0 THEN 'assistant' ELSE 'user' END, n
          FROM (VALUES (1, 100000), (2, 100), (3, 100)) AS sizes(s, count),
               generate_series(1, count) n
        """,
        """
        INSERT INTO events (sid, seq, type, version, frame_seq, payload, created_at)
        SELECT sid, ord, 'TurnStarted', 1, ord, repeat('x', 200), now() FROM messages
        """,
        """
        INSERT INTO turns (sid, turn_id, message_id, answer_id, status, first_frame, started_at)
        SELECT sid, 't-' || ord, message_id, 'a-' || ord, 'streaming', ord, now() FROM messages
        """,
        "VACUUM ANALYZE");
  }

  @AfterAll
  void close() throws SQLException {
    connection.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"NULL", "'m-50000'", "'m-99999'"})
  void readsHistoryByItsIndexInBothDirections(String place) throws SQLException {
    for (String sql : List.of(PostgresPages.MESSAGES_FORWARD, PostgresPages.MESSAGES_BACKWARD)) {
      for (Plan plan :
          Plan.of(connection, sql, "'big', 'demo', 't-1', " + place + ", 51, 4194304")) {
        assertServed(plan, "messages_pkey", "events_pkey");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"NULL", "'t-50000'", "'t-99999'"})
  void readsTurnsByTheirIndex(String place) throws SQLException {
    for (Plan plan :
        Plan.of(connection, PostgresPages.TURNS, "'big', 'demo', 't-1', " + place + ", 51")) {
      assertServed(plan, "turns_in_order");
    }
  }

  /// The turn of one of the last messages; an old one costs as much as there are turns behind it.
  @Test
  void findsARecentTurnBackwardsThroughTheTurnsInOrder() throws SQLException {
    for (Plan plan :
        Plan.of(connection, PostgresPages.RECENT_TURN_OF, "'big', 'demo', 't-1', 'm-99999'")) {
      assertServed(plan, "turns_in_order");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"NULL, NULL", "now() - interval '1 day' + interval '50 s', 50000"})
  void listsAUsersSessionsByTheIndexOfTheirActivity(String place) throws SQLException {
    String parameters = "'big', " + place + ", 51";
    for (Plan plan : Plan.of(connection, PostgresPages.SESSIONS_OF_USER, parameters)) {
      assertServed(plan, "sessions_by_activity");
    }
    for (Plan plan :
        Plan.of(connection, PostgresPages.SESSIONS_OF_AGENT, parameters + ", 'rare'")) {
      assertServed(plan, "sessions_by_activity");
    }
  }

  /// The worst case of the list of one agent: none of many sessions is its. Either the agent is
  /// looked for inside the index, so that what does not match is not fetched, or by the key.
  @Test
  void fetchesNoSessionOfAnotherAgent() throws SQLException {
    for (Plan plan :
        Plan.of(connection, PostgresPages.SESSIONS_OF_AGENT, "'big', NULL, NULL, 51, 'none'")) {
      assertThat(plan.scanned()).as("%s", plan).isEmpty();
      // The index of the activity has about a thousand pages, the table twice as many.
      assertThat(plan.buffers()).as("%s", plan).isLessThan(1500);
    }
  }

  @Test
  void findsSessionsByTheirKeysAndPlaces() throws SQLException {
    for (Plan plan : Plan.of(connection, PostgresPages.SESSION_PLACE, "'big', 'demo', 't-1'")) {
      assertServed(plan, "sessions_key");
    }
    for (Plan plan :
        Plan.of(
            connection,
            PostgresPages.SESSIONS_OF_KEYS,
            "ARRAY['big', 'big'], ARRAY['demo', 'rare'], ARRAY['t-1', 't-10']")) {
      assertServed(plan, "sessions_key");
    }
    for (Plan plan :
        Plan.of(connection, PostgresPages.LAST_ACTIVITY, "ARRAY['big', 'small-1', 'nobody']")) {
      assertServed(plan, "sessions_by_activity");
    }
  }

  private static void assertServed(Plan plan, String... indexes) {
    assertThat(plan.scanned()).as("%s", plan).isEmpty();
    assertThat(plan.indexes()).as("%s", plan).contains(indexes);
    assertThat(plan.buffers()).as("%s", plan).isLessThan(BUFFERS_MAX);
  }

  private void execute(String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        boolean _ = statement.execute(sql);
      }
    }
  }
}
