package dev.parley.bench.suite;

import dev.parley.bench.BareSocket;
import dev.parley.bench.BenchClient;
import dev.parley.bench.Server;
import dev.parley.bench.Watcher;
import dev.parley.bench.suite.Figures.Cell;
import io.vertx.core.Future;
import io.vertx.core.net.NetClient;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// Connections that watch a session each, in which nothing happens.
final class Idle implements Scenario {
  private static final int FEW = 100;
  private static final int AT_ONCE = 100;
  private static final int REST_SECONDS = 30;
  private static final int CLIENT_PING_SECONDS = 5;

  /// What is rarely run is compiled late: it must have been before it is measured.
  private static final int WARM_SECONDS = 60;

  /// What a start, and connections that have come, leave to be done: sessions leave memory, too.
  private static final int SETTLE_SECONDS = 10;

  /// All clients have one address here; and sessions that were made shall leave memory before it is
  /// measured.
  private static final Map<String, String> SETTINGS =
      Map.of(
          "PARLEY_SOCKET_CONNECTIONS_PER_ADDRESS_MAX",
          "20000",
          "PARLEY_SESSION_IDLE_TIMEOUT",
          "1s");

  private final int connections;

  Idle(int connections) {
    this.connections = connections;
  }

  @Override
  public String name() {
    return "idle";
  }

  @Override
  public String title() {
    return "Idle connections";
  }

  /// What a server uses at rest.
  ///
  /// @param core of one CPU
  /// @param queries transactions per second
  private record Rest(double core, double queries) {}

  @Override
  public Figures run(List<String> jvm) throws Exception {
    List<List<Cell>> rows = new ArrayList<>();
    double bare;
    double watching;
    Rest full;
    Rest pinged;
    try (Subject subject = Subject.parley(jvm, SETTINGS)) {
      try (Subject baselines = Subject.baselines(subject, jvm)) {
        NetClient client = baselines.server().netClient();
        // What the first ones cost is not what one costs: pools, code, the heap's first growth.
        Sockets<BareSocket> first = new Sockets<>(BareSocket::farewell);
        first.open(FEW, _ -> raw(baselines, client));
        long before = settled(baselines);
        Sockets<BareSocket> sockets = new Sockets<>(BareSocket::farewell);
        sockets.open(connections, _ -> raw(baselines, client));
        bare = (settled(baselines) - before) / (double) connections;
        sockets.close();
        first.close();
      }
      Server server = subject.server();
      NetClient client = server.netClient();
      create(server);
      Sockets<Watcher> sockets = new Sockets<>(Watcher::leave);
      sockets.open(FEW, i -> watcher(server, client, i));
      long before = settled(subject);
      Rest few = rest(subject);
      sockets.open(connections, i -> watcher(server, client, FEW + i));
      watching = (settled(subject) - before) / (double) connections;
      pass(WARM_SECONDS);
      full = rest(subject);
      long timer = pings(server, sockets);
      pass(WARM_SECONDS);
      pinged = rest(subject);
      server.cancel(timer);
      rows.add(row("Parley, " + FEW + " watching", Double.NaN, few));
      rows.add(row("Parley, %,d watching".formatted(connections), watching, full));
      rows.add(row("the same, each pings every " + CLIENT_PING_SECONDS + " s", Double.NaN, pinged));
      sockets.close();
    }
    rows.add(
        1,
        List.of(
            Cell.of("a bare socket"), Cell.of("%.1f KB", bare / 1024), Cell.of(""), Cell.of("")));
    rows.add(
        3,
        List.of(
            Cell.of("a watching connection more than a bare socket"),
            Cell.of("%.1f KB", (watching - bare) / 1024),
            Cell.of(""),
            Cell.of("")));
    return new Figures(
        """
        %1$,d connections, each subscribed to a session of its own, at rest; beside them as many bare sockets of
        `websockets-next`. Memory is what the server's process is larger by after a collection, shared by the
        connections. A ping is a `Ping` of Effect RPC; the server's own pings go on throughout. Queries are
        transactions, as PostgreSQL counts them.
        """
            .formatted(connections),
        List.of("", "RSS per connection", "CPU at rest, of one core", "queries/s"),
        rows,
        List.of(
            new Figures.Bar("bare socket, KB", bare / 1024),
            new Figures.Bar("watching, KB", watching / 1024),
            new Figures.Bar("CPU at rest, %", 100 * full.core),
            new Figures.Bar("CPU with pings, %", 100 * pinged.core)),
        "KB, %");
  }

  private static List<Cell> row(String what, double bytes, Rest rest) {
    return List.of(
        Cell.of(what),
        Double.isNaN(bytes) ? Cell.of("") : Cell.of("%.1f KB", bytes / 1024),
        Cell.of("%.2f %%", 100 * rest.core),
        Cell.of("%.1f", rest.queries));
  }

  private static Future<BareSocket> raw(Subject subject, NetClient client) {
    return BareSocket.open(client, subject.server().port(), "/raw", _ -> {});
  }

  private static Future<Watcher> watcher(Server server, NetClient client, int session) {
    return Watcher.open(client, server.port(), server.key("idle", session), Watcher.Leave.FAREWELL);
  }

  private void create(Server server) throws Exception {
    BenchClient maker = server.client();
    for (int made = 0; made < FEW + connections; ) {
      List<Future<String>> calls = new ArrayList<>();
      for (int i = 0; i < AT_ONCE && made < FEW + connections; i++) {
        calls.add(maker.create(server.key("idle", made++)));
      }
      Server.await(Future.all(calls));
    }
    Server.await(maker.close());
  }

  /// Sockets that were opened, a few at once.
  private static final class Sockets<T> {
    private final List<Future<T>> open = new ArrayList<>();
    private final Function<T, Future<Void>> leave;

    Sockets(Function<T, Future<Void>> leave) {
      this.leave = leave;
    }

    private interface Opening<T> {
      Future<T> open(int number);
    }

    void open(int count, Opening<T> opening) throws Exception {
      for (int i = 0; i < count; ) {
        List<Future<T>> some = new ArrayList<>();
        for (int j = 0; j < AT_ONCE && i < count; j++) {
          some.add(opening.open(i++));
        }
        Server.await(Future.all(some));
        open.addAll(some);
      }
    }

    void close() throws Exception {
      Server.await(Future.all(open.stream().map(socket -> leave.apply(socket.result())).toList()));
    }
  }

  /// Each watcher pings in turn, evenly over the interval.
  ///
  /// @return the timer to cancel
  private static long pings(Server server, Sockets<Watcher> sockets) {
    int ticks = 100 * CLIENT_PING_SECONDS;
    int[] tick = {0};
    return server.periodically(
        10,
        () -> {
          int size = sockets.open.size();
          int slot = tick[0]++ % ticks;
          for (int i = slot * size / ticks; i < (slot + 1) * size / ticks; i++) {
            sockets.open.get(i).result().ping();
          }
        });
  }

  /// Resident memory after a collection, once nothing is left to be done.
  private static long settled(Subject subject) throws Exception {
    pass(SETTLE_SECONDS);
    var _ = subject.vitals().heapBytes();
    return subject.used().rssBytes();
  }

  private static void pass(int seconds) {
    TokenLoad.sleepUntil(System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds));
  }

  private static Rest rest(Subject subject) throws IOException, SQLException {
    double transactions = transactions(subject);
    Subject.Used before = subject.used();
    long begin = System.nanoTime();
    TokenLoad.sleepUntil(begin + TimeUnit.SECONDS.toNanos(REST_SECONDS));
    Subject.Used used = subject.used().since(before);
    double seconds = (System.nanoTime() - begin) / 1e9;
    // The measurement's own: what a Used asks, twice, and this.
    double queries = transactions(subject) - transactions - 3;
    return new Rest(used.serverCpu() / seconds, queries / seconds);
  }

  private static double transactions(Subject subject) throws SQLException {
    try (Connection connection = subject.server().connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT xact_commit + xact_rollback FROM pg_stat_database
                 WHERE datname = current_database()
                """)) {
      row.next();
      return row.getDouble(1);
    }
  }
}
