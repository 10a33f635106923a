package dev.parley.bench;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// What stays stored of an answer once its frames are gone: the growth of all tables over sessions
/// with one answer each, after retention and VACUUM, beside the bytes of the text (requirement O9).
///
/// The server must run with `parley.frames.retention=1s`. Rounds of it are measured one after the
/// other: the first on a database as it is, the others on one that has let go of as much before, as
/// a service does every day.
public final class StorageFigure {
  /// Of every table and, apart, of its indexes.
  private static final String SIZES =
      """
      SELECT c.relname, pg_table_size(c.oid), pg_indexes_size(c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1
      """;

  private static final long RETENTION_SECONDS_MAX = 300;

  private final Vertx vertx = Vertx.vertx();
  private final WebSocketClient sockets =
      vertx.createWebSocketClient(
          new WebSocketClientOptions().setMaxConnections(1000).setMaxFrameSize(1 << 20));
  private final int port;
  private final Connection connection;

  private record Size(long table, long indexes) {
    Size minus(Size before) {
      return new Size(table - before.table, indexes - before.indexes);
    }

    long all() {
      return table + indexes;
    }
  }

  private StorageFigure(int port, Connection connection) {
    this.port = port;
    this.connection = connection;
  }

  /// Arguments: port of the server, JDBC address of its database, user, password, sessions,
  /// sessions at once, the message that each of them answers, rounds.
  public static void main(String[] args) throws Exception {
    try (Connection connection = DriverManager.getConnection(args[1], args[2], args[3])) {
      StorageFigure figure = new StorageFigure(Integer.parseInt(args[0]), connection);
      try {
        for (int round = 1; round <= Integer.parseInt(args[7]); round++) {
          figure.round(round, Integer.parseInt(args[4]), Integer.parseInt(args[5]), args[6]);
        }
      } finally {
        figure.vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
      }
    }
  }

  private void round(int round, int sessions, int atOnce, String message) throws Exception {
    letGo();
    Map<String, Size> before = sizes();
    long text = 0;
    String user = "storage" + Long.toString(System.currentTimeMillis(), 36);
    for (int from = 0; from < sessions; from += atOnce) {
      text += answers(user, from, Math.min(sessions, from + atOnce), message);
    }
    long frames = number("SELECT count(*) FROM frames");
    letGo();
    Map<String, Size> after = sizes();

    System.out.printf(
        "%nRound %d: %d sessions, %.0f bytes of text each, %d frames were there at the end%n",
        round, sessions, text / (double) sessions, frames);
    System.out.println("| table | bytes per session | of them indexes |");
    System.out.println("|---|---|---|");
    long all = 0;
    long tables = 0;
    for (Map.Entry<String, Size> table : after.entrySet()) {
      Size grown = table.getValue().minus(before.getOrDefault(table.getKey(), new Size(0, 0)));
      all += grown.all();
      tables += grown.table();
      System.out.printf(
          "| %s | %d | %d |%n", table.getKey(), grown.all() / sessions, grown.indexes() / sessions);
    }
    System.out.printf("| all | %d | %d |%n", all / sessions, (all - tables) / sessions);
    System.out.printf(
        "growth / text: %.2f with indexes, %.2f without%n",
        all / (double) text, tables / (double) text);
  }

  /// Bytes of the answers; the demo agent's are ASCII.
  private long answers(String user, int from, int to, String message) throws Exception {
    List<Future<ChatClient>> opening = new ArrayList<>();
    for (int i = from; i < to; i++) {
      opening.add(ChatClient.open(sockets, port, user, "t" + i, (_, _) -> {}));
    }
    await(Future.all(opening));
    List<ChatClient> clients = opening.stream().map(Future::result).toList();
    await(
        Future.all(
            clients.stream().map(c -> c.send(message, UUID.randomUUID().toString())).toList()));
    long bytes = clients.stream().mapToLong(ChatClient::chars).sum();
    await(Future.all(clients.stream().map(ChatClient::close).toList()));
    return bytes;
  }

  /// Waits until retention has removed every frame, and has their place given back.
  private void letGo() throws SQLException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(RETENTION_SECONDS_MAX);
    while (number("SELECT count(*) FROM frames") > 0) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("frames are kept: is parley.frames.retention short?");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("VACUUM");
    }
  }

  private Map<String, Size> sizes() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(SIZES)) {
      Map<String, Size> sizes = new LinkedHashMap<>();
      while (rows.next()) {
        sizes.put(rows.getString(1), new Size(rows.getLong(2), rows.getLong(3)));
      }
      return sizes;
    }
  }

  private long number(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static void await(Future<?> future) throws Exception {
    var _ = future.toCompletionStage().toCompletableFuture().get(5, TimeUnit.MINUTES);
  }
}
