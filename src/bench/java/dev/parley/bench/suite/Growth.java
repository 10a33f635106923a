package dev.parley.bench.suite;

import dev.parley.bench.Server;
import dev.parley.bench.suite.Figures.Cell;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The same load beside more and more that is stored: a token must not cost more.
final class Growth implements Scenario {
  private static final int SESSIONS = 100;
  private static final int RATE = 50;
  private static final int[] STORED = {10, 1_000, 100_000};

  /// Of each stored session, of the turn that ended.
  private static final int FRAMES_EACH = 100;

  /// Frames that are not tokens: the message, the start, and how answer and text begin and end.
  private static final int FRAMES_AROUND = 7;

  /// The tables with rows of a session that has streamed, its number first.
  private static final List<String> TABLES =
      List.of("heads", "events", "frames", "deliveries", "turns", "messages", "snapshots");

  private final int seconds;

  /// @param seconds that are counted of each load
  Growth(int seconds) {
    this.seconds = seconds;
  }

  @Override
  public String name() {
    return "growth";
  }

  @Override
  public String title() {
    return "Growth";
  }

  @Override
  public Figures run(List<String> jvm) throws Exception {
    List<List<Cell>> rows = new ArrayList<>();
    List<Figures.Bar> bars = new ArrayList<>();
    double base = 0;
    // Each token a frame, so that the sessions that are stored have as many as they are said to.
    try (Subject subject = Subject.parley(jvm, Map.of("PARLEY_FRAMES_JOINED_BYTES_MAX", "0"))) {
      Server server = subject.server();
      String key = server.key("template", 0);
      Chat chat = Chat.openAll(server, List.of(key), (_, _) -> {}).getFirst();
      Server.await(chat.send("/count " + (FRAMES_EACH - FRAMES_AROUND) + " 0"));
      TokenLoad.check(server, List.of(chat));
      // The code must be compiled before it is measured, as well at the first as at the last.
      for (int i = 0; i < 3; i++) {
        var _ = TokenLoad.paced(subject, "warm" + i, SESSIONS, RATE, seconds);
      }
      int stored = 0;
      for (int sessions : STORED) {
        fill(server, key, stored, sessions);
        stored = sessions;
        TokenLoad.Paced paced =
            TokenLoad.paced(subject, "grow" + sessions, SESSIONS, RATE, seconds);
        double millions = paced.tokens() / 1e6;
        double serverCpu = paced.used().serverCpu() / millions;
        double postgresCpu = paced.used().postgresCpu() / millions;
        if (base == 0) {
          base = serverCpu + postgresCpu;
        }
        rows.add(
            List.of(
                Cell.of("%,d".formatted(sessions)),
                Cell.of("%,.0f", count(server)),
                Latency.at(paced.added(), 50),
                Latency.at(paced.added(), 99),
                Latency.at(paced.bare(), 50),
                Cell.of("%.0f", serverCpu),
                Cell.of("%.0f", postgresCpu),
                Cell.of("%.2f ×", (serverCpu + postgresCpu) / base)));
        bars.add(new Figures.Bar("%,d sessions".formatted(sessions), serverCpu + postgresCpu));
      }
    }
    return new Figures(
        """
        %d sessions × %d tokens/s beside stored sessions of %d frames each, none of which is removed meanwhile. What a
        token costs is CPU time of the server and of PostgreSQL together.
        """
            .formatted(SESSIONS, RATE, FRAMES_EACH),
        List.of(
            "stored sessions",
            "stored frames",
            "added latency p50",
            "p99",
            "bare commit p50",
            "server CPU s/M tokens",
            "PostgreSQL CPU s/M tokens",
            "cost per token"),
        rows,
        bars,
        "CPU s/M tokens");
  }

  /// Copies the session with all its rows.
  private static void fill(Server server, String key, int from, int to) throws SQLException {
    String[] parts = key.split(":", -1);
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("CREATE TEMP TABLE copies (sid bigint, n bigint) ON COMMIT DROP");
      statement.execute(
          """
          WITH made AS (
            INSERT INTO sessions
                   (user_id, agent_id, thread_id, incarnation, title, created_at, last_activity_at)
            SELECT 'grown' || n %% 1000, s.agent_id, 'copy' || n, s.incarnation, s.title,
                   s.created_at, s.last_activity_at
              FROM sessions s, generate_series(%d, %d) n
             WHERE s.user_id = '%s' AND s.thread_id = '%s'
            RETURNING sid)
          INSERT INTO copies SELECT sid FROM made
          """
              .formatted(from + 1, to, parts[0], parts[2]));
      for (String table : TABLES) {
        String columns = columns(statement, table);
        statement.execute(
            """
            INSERT INTO %1$s (sid, %2$s)
            SELECT c.sid, %2$s
              FROM copies c, (SELECT t.* FROM %1$s t JOIN sessions s USING (sid)
                               WHERE s.user_id = '%3$s' AND s.thread_id = '%4$s') t
            """
                .formatted(table, columns, parts[0], parts[2]));
      }
      connection.commit();
      connection.setAutoCommit(true);
      // What a server does in its own time shall not be done while it is measured.
      statement.execute("VACUUM ANALYZE");
      statement.execute("CHECKPOINT");
    }
  }

  private static String columns(Statement statement, String table) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT string_agg(column_name, ', ') FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name = '%s' AND column_name <> 'sid'
            """
                .formatted(table))) {
      row.next();
      return row.getString(1);
    }
  }

  /// Frames that are stored, about.
  private static double count(Server server) throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM frames")) {
      row.next();
      return row.getDouble(1);
    }
  }
}
