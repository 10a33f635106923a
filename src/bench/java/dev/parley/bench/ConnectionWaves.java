package dev.parley.bench;

import dev.parley.testing.Vitals;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.NetClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Waves of sockets that come and go, half of them without a word, while turns stream on some of
/// the sessions that they watch: everything that the server kept for them must be gone after each
/// wave, and its heap must not grow from one to the next.
public final class ConnectionWaves {
  private static final int SESSIONS = 50;
  private static final int STREAMING = 5;
  private static final String TURN = "/count 10000000 5";

  /// Upgrades under way together.
  private static final int OPENING = 100;

  private static final int WAIT_SECONDS = 300;
  private static final int LEVEL_SECONDS_MAX = 20;
  private static final long POLL_NANOS = 10_000_000;

  /// Files that are opened late and once.
  private static final int DESCRIPTOR_SLACK = 4;

  /// Beside a tenth of the level, for small heaps.
  private static final long HEAP_SLACK_BYTES = 4L << 20;

  private final int port;
  private final Vitals vitals;
  private final int connections;
  private final Vertx vertx = Vertx.vertx();
  private final NetClient orderly = BareSocket.client(vertx, false);
  private final NetClient rude = BareSocket.client(vertx, true);
  private final List<String> keys = new ArrayList<>();
  private final List<Row> rows = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();

  private ConnectionWaves(int port, long pid, int connections) {
    this.port = port;
    this.vitals = new Vitals(pid, port);
    this.connections = connections;
  }

  /// Arguments of its own: connections of a wave, waves. Exits with 1 when a level is not reached.
  public static void main(String[] args) throws Exception {
    int[] numbers = Server.numbers(args, 5000, 4);
    Outcome outcome =
        run(Integer.parseInt(args[0]), Long.parseLong(args[1]), numbers[0], numbers[1]);
    System.out.println(outcome);
    if (!outcome.wrong().isEmpty()) {
      System.exit(1);
    }
  }

  /// What is there at a moment.
  private record Levels(double connections, double watched, int sockets, int descriptors) {
    static Levels of(Vitals vitals) throws IOException {
      double[] gauges =
          vitals.metrics("parley_connections_active", "parley_effects_watched_sessions");
      return new Levels(gauges[0], gauges[1], vitals.connections(), vitals.descriptors());
    }

    boolean isBackAt(Levels before) {
      return connections <= before.connections
          && watched <= before.watched
          && sockets <= before.sockets
          && descriptors <= before.descriptors + DESCRIPTOR_SLACK;
    }
  }

  /// One wave.
  ///
  /// @param goneMs from the last socket's end until nothing of them was left
  private record Row(Levels top, Levels after, double openSeconds, double goneMs, long heapBytes) {}

  /// What came of the waves.
  ///
  /// @param table how it went
  /// @param wrong levels that were not reached; empty: none
  public record Outcome(String table, List<String> wrong) {
    @Override
    public String toString() {
      return table + (wrong.isEmpty() ? "all levels reached" : String.join("\n", wrong));
    }
  }

  /// @param pid the server's process, on this machine
  public static Outcome run(int port, long pid, int connections, int waves) throws Exception {
    ConnectionWaves run = new ConnectionWaves(port, pid, connections);
    try {
      return run.run(waves);
    } finally {
      Server.await(run.vertx.close());
    }
  }

  private Outcome run(int waves) throws Exception {
    WebSocketClient sockets = vertx.createWebSocketClient(new WebSocketClientOptions());
    BenchClient maker = Server.await(BenchClient.connect(sockets, port));
    String user = "wave" + Long.toString(System.currentTimeMillis(), 36);
    for (int i = 0; i < SESSIONS; i++) {
      keys.add(user + ":demo:t" + i);
      Server.await(maker.create(keys.getLast()));
    }
    for (int i = 0; i < STREAMING; i++) {
      Server.await(maker.send(keys.get(i), TURN));
    }
    Levels before = Levels.of(vitals);
    for (int wave = 0; wave < waves; wave++) {
      wave(before);
    }
    for (int i = 0; i < STREAMING; i++) {
      Server.await(maker.call("chat.interrupt", BenchClient.session(keys.get(i))));
    }
    long first = rows.getFirst().heapBytes();
    long last = rows.getLast().heapBytes();
    if (last > first + first / 10 + HEAP_SLACK_BYTES) {
      wrong.add("the heap has grown from %d to %d bytes".formatted(first, last));
    }
    await(() -> vitals.metric("parley_sessions_active") == 0);
    if (vitals.metric("parley_sessions_active") > 0) {
      wrong.add("sessions are active that nobody uses");
    }
    return new Outcome(table(before), wrong);
  }

  private void wave(Levels before) throws Exception {
    long begin = System.nanoTime();
    List<Watcher> watchers = open();
    double openSeconds = (System.nanoTime() - begin) / 1e9;
    Levels top = Levels.of(vitals);
    if (top.sockets() < connections || top.watched() < Math.min(connections, SESSIONS)) {
      wrong.add("the sockets of a wave were not all there: " + top);
    }
    List<Future<Void>> leaving = new ArrayList<>();
    watchers.forEach(watcher -> leaving.add(watcher.leave()));
    Server.await(Future.all(leaving), WAIT_SECONDS);
    long left = System.nanoTime();
    await(() -> Levels.of(vitals).isBackAt(before));
    double goneMs = (System.nanoTime() - left) / 1e6;
    Levels after = Levels.of(vitals);
    if (!after.isBackAt(before)) {
      wrong.add("not back at " + before + ": " + after);
    }
    rows.add(new Row(top, after, openSeconds, goneMs, vitals.heapBytes()));
  }

  /// Opens all sockets, some at a time.
  private List<Watcher> open() throws Exception {
    List<Future<Void>> lines = new ArrayList<>();
    List<Watcher> watchers = new ArrayList<>();
    for (int line = 0; line < OPENING; line++) {
      Future<Void> opened = Future.succeededFuture();
      for (int i = line; i < connections; i += OPENING) {
        int number = i;
        opened =
            opened
                .compose(_ ->
                    Watcher.open(
                        number % 2 == 0 ? orderly : rude,
                        port,
                        keys.get(number % SESSIONS),
                        number % 2 == 0 ? Watcher.Leave.FAREWELL : Watcher.Leave.CUT))
                .map(watcher -> {
                  synchronized (watchers) {
                    watchers.add(watcher);
                  }
                  return null;
                });
      }
      lines.add(opened);
    }
    Server.await(Future.all(lines), WAIT_SECONDS);
    return watchers;
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Condition condition) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LEVEL_SECONDS_MAX);
    while (!condition.holds() && System.nanoTime() < end) {
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private String table(Levels before) {
    StringBuilder table =
        new StringBuilder(
            "%d sockets a wave on %d sessions, %d of which stream%n%n"
                .formatted(connections, SESSIONS, STREAMING));
    table.append(
        "| wave | opened in | connections | sessions watched | descriptors | gone after | left | heap |\n");
    table.append("|---|---|---|---|---|---|---|---|\n");
    table.append(
        "| before | | %.0f | %.0f | %d | | | |%n"
            .formatted(before.connections(), before.watched(), before.descriptors()));
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      table.append(
          "| %d | %.1f s | %.0f | %.0f | %d | %.0f ms | %.0f, %.0f, %d | %.1f MB |%n"
              .formatted(
                  i + 1,
                  row.openSeconds(),
                  row.top().connections(),
                  row.top().watched(),
                  row.top().descriptors(),
                  row.goneMs(),
                  row.after().connections(),
                  row.after().watched(),
                  row.after().descriptors(),
                  row.heapBytes() / 1e6));
    }
    return table.append('\n').toString();
  }
}
