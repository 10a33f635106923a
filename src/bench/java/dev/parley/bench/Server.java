package dev.parley.bench;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.NetClient;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// The running server that a benchmark talks to, and its database: what `src/bench/with-server`
/// started.
public final class Server implements AutoCloseable {
  /// Above it something else uses the machine.
  private static final double QUIET_LOAD = 0.5;

  private static final int WAIT_SECONDS = 60;

  private final Vertx vertx = Vertx.vertx();
  private final WebSocketClient sockets =
      vertx.createWebSocketClient(
          new WebSocketClientOptions().setMaxConnections(20_000).setMaxFrameSize(32 << 20));
  private final int port;
  private final String jdbcUrl;
  private final String user;
  private final String password;

  /// A new word for this run, so that a data directory can be used again.
  private final String run = Long.toString(System.currentTimeMillis(), 36);

  /// @param args as `src/bench/with-server` gives them: port, process id, JDBC address, user,
  ///   password, then what the benchmark itself takes
  Server(String[] args) {
    this(Integer.parseInt(args[0]), args[2], args[3], args[4]);
  }

  /// @param port on loopback
  public Server(int port, String jdbcUrl, String user, String password) {
    this.port = port;
    this.jdbcUrl = jdbcUrl;
    this.user = user;
    this.password = password;
  }

  /// The benchmark's own arguments, as numbers, with these for those that are not given.
  public static int[] numbers(String[] args, int... defaults) {
    int[] numbers = defaults.clone();
    for (int i = 0; i < numbers.length && i + 5 < args.length; i++) {
      numbers[i] = Integer.parseInt(args[i + 5]);
    }
    return numbers;
  }

  public int port() {
    return port;
  }

  public WebSocketClient sockets() {
    return sockets;
  }

  /// Makes connections that know nothing of WebSockets.
  public NetClient netClient() {
    return BareSocket.client(vertx, false);
  }

  /// Runs on an event loop, again and again.
  ///
  /// @return its number, for [#cancel(long)]
  public long periodically(int pauseMs, Runnable work) {
    return vertx.setPeriodic(pauseMs, _ -> work.run());
  }

  public void cancel(long timer) {
    vertx.cancelTimer(timer);
  }

  /// A key that no other run has.
  public String key(String user, int thread) {
    return key(user, "demo", thread);
  }

  public String key(String user, String agent, int thread) {
    return user + run + ":" + agent + ":t" + thread;
  }

  public Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl, user, password);
  }

  public BareCommit bareCommit() throws SQLException {
    return new BareCommit(jdbcUrl, user, password);
  }

  public BenchClient client() throws Exception {
    return await(connectClient());
  }

  public Future<BenchClient> connectClient() {
    return BenchClient.connect(sockets, port);
  }

  /// As many clients as keys, each with its session made.
  public List<BenchClient> clients(List<String> keys) throws Exception {
    List<Future<BenchClient>> opening = new ArrayList<>();
    for (String key : keys) {
      opening.add(
          BenchClient.connect(sockets, port).compose(client -> client.create(key).map(client)));
    }
    await(Future.all(opening));
    return opening.stream().map(Future::result).toList();
  }

  /// The number of a session's last frame.
  public long frames(String key) throws Exception {
    String state = await(client().call("chat.getState", BenchClient.session(key)));
    return BenchClient.number(state, "\"seq\":");
  }

  /// Says how busy the machine was before all this, and so whether the figures are worth anything.
  public static void sayWhetherItIsQuiet() {
    String load = System.getProperty("bench.load", "unknown");
    boolean quiet = load.matches("[0-9.]+") && Double.parseDouble(load) < QUIET_LOAD;
    System.out.printf(
        "Load average before: %s%s%n%n",
        load, quiet ? "" : ". THE MACHINE IS NOT QUIET: these figures say nothing");
  }

  public static <T> T await(Future<T> future) throws Exception {
    return await(future, WAIT_SECONDS);
  }

  public static <T> T await(Future<T> future, int secondsMax) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(secondsMax, TimeUnit.SECONDS);
  }

  /// Nanoseconds at a percentile as milliseconds.
  public static String ms(Histogram histogram, double percentile) {
    return "%.2f ms".formatted(histogram.getValueAtPercentile(percentile) / 1e6);
  }

  @Override
  public void close() {
    var _ =
        vertx
            .close()
            .toCompletionStage()
            .toCompletableFuture()
            .orTimeout(10, TimeUnit.SECONDS)
            .join();
  }
}
