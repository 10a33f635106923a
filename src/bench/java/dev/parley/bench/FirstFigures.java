package dev.parley.bench;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// Added latency per token and tokens per second of a running server, beside what one bare commit
/// costs on the same machine in the same run.
///
/// The demo agent's `/stamp` writes the time at which it made a token into the token. That clock is
/// shared by the processes of one machine, so server and client must be on one. A token waits for
/// nothing but its turn on the schedule, so there is no coordinated omission: a late one is counted
/// from when it was made, and the schedule does not wait for it. The first two seconds are not
/// counted.
public final class FirstFigures {
  private static final int RATE_PER_SECOND = 50;

  /// What is not counted: all sessions start at one instant here, which they do nowhere else.
  private static final int RAMP_SECONDS = 2;

  private final Vertx vertx = Vertx.vertx();
  private final WebSocketClient sockets =
      vertx.createWebSocketClient(
          new WebSocketClientOptions().setMaxConnections(10_000).setMaxFrameSize(1 << 20));
  private final int port;
  private final String jdbcUrl;
  private final String user;
  private final String password;

  private FirstFigures(int port, String jdbcUrl, String user, String password) {
    this.port = port;
    this.jdbcUrl = jdbcUrl;
    this.user = user;
    this.password = password;
  }

  /// Arguments: port of the server, JDBC address of its database, user, password, seconds per
  /// scenario, tokens per session at saturation.
  public static void main(String[] args) throws Exception {
    FirstFigures figures = new FirstFigures(Integer.parseInt(args[0]), args[1], args[2], args[3]);
    int seconds = Integer.parseInt(args[4]);
    int tokens = Integer.parseInt(args[5]);
    try {
      figures.run(seconds, tokens);
    } finally {
      figures.vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
  }

  private void run(int seconds, int tokens) throws Exception {
    String run = Long.toString(System.currentTimeMillis(), 36);
    // The code must be compiled before it is measured.
    var _ = latency("warm" + run, 20, 5);
    var _ = saturation("warms" + run, 20, tokens / 4);
    System.out.println("| scenario | p50 | p99 | max | bare commit p50 | p99 | p50 / bare |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (int sessions : new int[] {1, 100}) {
      try (BareCommit bare = new BareCommit()) {
        bare.start();
        Histogram added = latency("lat" + sessions + run, sessions, seconds);
        Histogram bareCost = bare.stop();
        double barePercentile = bareCost.getValueAtPercentile(50) / 1e6;
        double p50 = added.getValueAtPercentile(50) / 1e6;
        System.out.printf(
            "| %d × %d tokens/s | %.2f ms | %.2f ms | %.2f ms | %.2f ms | %.2f ms | %.1f |%n",
            sessions,
            RATE_PER_SECOND,
            p50,
            added.getValueAtPercentile(99) / 1e6,
            added.getMaxValue() / 1e6,
            barePercentile,
            bareCost.getValueAtPercentile(99) / 1e6,
            p50 / barePercentile);
      }
    }
    double rate = saturation("sat" + run, 100, tokens);
    System.out.printf("%n100 × `/count %d 0`: %.0f tokens/s%n", tokens, rate);
  }

  private Histogram latency(String user, int sessions, int seconds) throws Exception {
    Histogram added = new ConcurrentHistogram(3);
    int count = (RAMP_SECONDS + seconds) * RATE_PER_SECOND;
    long counted = (long) seconds * RATE_PER_SECOND * sessions;
    long[] from = {Long.MAX_VALUE};
    List<ChatClient> clients =
        open(
            user,
            sessions,
            (delta, now) -> {
              // Each token is an n, the time at which it was made, and a space.
              for (int at = 0; at < delta.length(); ) {
                int end = delta.indexOf(' ', at);
                long made = Long.parseLong(delta, at + 1, end, 10);
                if (made >= from[0]) {
                  added.recordValue(Math.max(0, now - made));
                }
                at = end + 1;
              }
            });
    from[0] = System.nanoTime() + TimeUnit.SECONDS.toNanos(RAMP_SECONDS);
    stream(clients, "/stamp " + count + " " + RATE_PER_SECOND, seconds + 60);
    if (added.getTotalCount() < counted * 9 / 10) {
      throw new IllegalStateException("received " + added.getTotalCount() + " of " + counted);
    }
    return added;
  }

  private double saturation(String user, int sessions, int tokens) throws Exception {
    List<ChatClient> clients = open(user, sessions, (_, _) -> {});
    long start = System.nanoTime();
    stream(clients, "/count " + tokens + " 0", 300);
    double seconds = (System.nanoTime() - start) / 1e9;
    long chars = 0;
    for (int i = 1; i <= tokens; i++) {
      chars += Integer.toString(i).length() + 1;
    }
    for (ChatClient client : clients) {
      if (client.chars() != chars) {
        throw new IllegalStateException("a text has " + client.chars() + " of " + chars);
      }
    }
    return sessions * (double) tokens / seconds;
  }

  private List<ChatClient> open(
      String user, int sessions, java.util.function.ObjLongConsumer<String> onDelta)
      throws Exception {
    List<Future<ChatClient>> opening = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      opening.add(ChatClient.open(sockets, port, user, "t" + i, onDelta));
    }
    await(Future.all(opening), 60);
    return opening.stream().map(Future::result).toList();
  }

  private static void stream(List<ChatClient> clients, String message, int secondsMax)
      throws Exception {
    await(Future.all(clients.stream().map(c -> c.send(message)).toList()), secondsMax);
  }

  private static void await(Future<?> future, int secondsMax) throws Exception {
    var _ = future.toCompletionStage().toCompletableFuture().get(secondsMax, TimeUnit.SECONDS);
  }

  /// One single-row insert after the other with a pause between, beside the load: what the least
  /// durable write costs at this moment.
  private final class BareCommit implements AutoCloseable {
    private final Histogram cost = new ConcurrentHistogram(3);
    private final Connection connection;
    private final Thread thread;
    private volatile boolean running = true;

    BareCommit() throws SQLException {
      connection = DriverManager.getConnection(jdbcUrl, user, password);
      try (Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE IF NOT EXISTS bench_bare_commit (id bigint, payload text)");
      }
      thread = new Thread(this::measure, "bare-commit");
    }

    void start() {
      thread.start();
    }

    Histogram stop() throws InterruptedException {
      running = false;
      thread.join();
      return cost;
    }

    private void measure() {
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO bench_bare_commit VALUES (?, ?)")) {
        for (long id = 0; running; id++) {
          insert.setLong(1, id);
          insert.setString(2, "a token of an answer");
          long start = System.nanoTime();
          insert.executeUpdate();
          if (id > 20) {
            cost.recordValue(System.nanoTime() - start);
          }
          java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute("DROP TABLE bench_bare_commit");
      }
      connection.close();
    }
  }
}
