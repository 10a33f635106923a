package dev.parley.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// What sessions leave behind in the database once their frames have gone by retention: the growth
/// of all tables with their indexes and TOAST, beside the text.
///
/// The first round begins with an empty database; the second finds what the first has made room
/// for, as every round after it would. The text is the demo agent's `/count`: numbers compress
/// well, so the growth is also told as it would be if PostgreSQL had compressed nothing.
public final class StorageFigures {
  /// Sessions that stream at the same time.
  private static final int AT_ONCE = 50;

  private static final int RETENTION_SECONDS_MAX = 300;
  private static final long POLL_NANOS = 200_000_000;

  private static final String SIZES =
      """
      SELECT c.relname, pg_total_relation_size(c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'public' AND c.relkind = 'r'
       ORDER BY c.relname
      """;

  /// What compression has saved.
  private static final String SAVED =
      """
      SELECT coalesce((SELECT sum(octet_length(payload) - pg_column_size(payload)) FROM events), 0)
           + coalesce((SELECT sum(octet_length(payload) - pg_column_size(payload)) FROM snapshots), 0)
      """;

  private final Server server;
  private final int sessions;
  private final int tokens;
  private final int rate;

  private StorageFigures(Server server, int sessions, int tokens, int rate) {
    this.server = server;
    this.sessions = sessions;
    this.tokens = tokens;
    this.rate = rate;
  }

  /// Arguments of its own: sessions of a round, tokens of an answer, tokens per second of a session
  /// (0: as fast as they are taken, which makes few frames). The server must keep frames for
  /// seconds only.
  public static void main(String[] args) throws Exception {
    int[] numbers = Server.numbers(args, 1000, 2000, 0);
    try (Server server = new Server(args)) {
      new StorageFigures(server, numbers[0], numbers[1], numbers[2]).run();
    }
  }

  private record Stored(Map<String, Long> tables, long saved) {
    long bytes() {
      return tables.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  private void run() throws Exception {
    long text = sessions * Deltas.charsOfCount(tokens);
    System.out.printf(
        "%d sessions a round, each with one answer to `/count %d %d`: %d bytes of text. Sizes by%n%n"
            + "```sql%n%s```%n%n",
        sessions, tokens, rate, text, SIZES);
    try (Connection connection = server.connect()) {
      vacuum(connection);
      Stored empty = stored(connection);
      Stored first = round(connection, "first");
      Stored second = round(connection, "second");
      System.out.println("| round | growth | of the text | without compression | of the text |");
      System.out.println("|---|---|---|---|---|");
      row("first", empty, first, text);
      row("second", first, second, text);
      System.out.printf(
          "%n| table | empty | after the first | after the second |%n|---|---|---|---|%n");
      second
          .tables()
          .forEach((table, bytes) ->
              System.out.printf(
                  "| %s | %d | %d | %d |%n",
                  table,
                  empty.tables().getOrDefault(table, 0L),
                  first.tables().getOrDefault(table, 0L),
                  bytes));
    }
  }

  private static void row(String round, Stored before, Stored after, long text) {
    long growth = after.bytes() - before.bytes();
    long uncompressed = growth + after.saved() - before.saved();
    System.out.printf(
        "| %s | %d bytes | %.2f | %d bytes | %.2f |%n",
        round, growth, (double) growth / text, uncompressed, (double) uncompressed / text);
  }

  private Stored round(Connection connection, String name) throws Exception {
    List<Future<Void>> lines = new ArrayList<>();
    for (int line = 0; line < AT_ONCE; line++) {
      lines.add(line(name, line));
    }
    Server.await(Future.all(lines), sessions * (rate == 0 ? 1 : tokens / rate + 1));
    long end = System.nanoTime() + RETENTION_SECONDS_MAX * 1_000_000_000L;
    while (number(connection, "SELECT count(*) FROM frames") > 0) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("frames are kept: is parley.frames.retention short?");
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    vacuum(connection);
    return stored(connection);
  }

  /// Every so many-th session of the round, one after the other on one connection.
  private Future<Void> line(String round, int first) {
    return BenchClient.connect(server.sockets(), server.port())
        .compose(client -> {
          Future<Void> done = Future.succeededFuture();
          for (int i = first; i < sessions; i += AT_ONCE) {
            String key = server.key(round, i);
            done = done.compose(_ -> answer(client, key));
          }
          return done.compose(_ -> client.close());
        });
  }

  private Future<Void> answer(BenchClient client, String key) {
    Promise<Void> stopped = Promise.promise();
    return client
        .create(key)
        .compose(_ ->
            client.subscribe(
                BenchClient.session(key),
                chunk -> {
                  if (chunk.contains("\"SessionStopped\"")) {
                    stopped.tryComplete();
                  }
                }))
        .compose(stream ->
            client
                .send(key, "/count " + tokens + " " + rate)
                .compose(_ -> stopped.future())
                .compose(_ -> stream.interrupt()))
        .mapEmpty();
  }

  private static void vacuum(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("VACUUM");
    }
  }

  private static Stored stored(Connection connection) throws SQLException {
    Map<String, Long> tables = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(SIZES)) {
      while (rows.next()) {
        tables.put(rows.getString(1), rows.getLong(2));
      }
    }
    return new Stored(tables, number(connection, SAVED));
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      if (!row.next()) {
        throw new SQLException("no row");
      }
      return row.getLong(1);
    }
  }
}
