package dev.parley.bench;

import dev.parley.testing.Vitals;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.NetClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// How long the server keeps what a socket had after the socket is gone: from the client's end of
/// it until the gauges of connections and of watched sessions are back, as one reader of
/// `/q/metrics` sees them who asks without a pause. What that reader needs for one look is the
/// resolution; a figure is too high by at most one look, never too low.
public final class DroppedStateFigures {
  private static final int SESSIONS = 20;
  private static final String TURN = "/count 10000000 20";
  private static final int LIMIT_MS = 500;
  private static final int GIVEN_UP_SECONDS = 60;

  private static final String CONNECTIONS = "parley_connections_active";
  private static final String WATCHED = "parley_effects_watched_sessions";

  private final int port;
  private final Vitals vitals;
  private final Histogram look = new Histogram(3);
  private double connections;
  private double watched;

  private DroppedStateFigures(int port, long pid) {
    this.port = port;
    this.vitals = new Vitals(pid, port);
  }

  /// Arguments of its own: sockets dropped in each manner. Exits with 1 when something was kept for
  /// longer than it may be.
  public static void main(String[] args) throws Exception {
    int drops = Server.numbers(args, 300)[0];
    boolean kept =
        new DroppedStateFigures(Integer.parseInt(args[0]), Long.parseLong(args[1])).run(drops);
    if (kept) {
      System.exit(1);
    }
  }

  private boolean run(int drops) throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      BenchClient maker =
          Server.await(
              BenchClient.connect(vertx.createWebSocketClient(new WebSocketClientOptions()), port));
      List<String> keys = new ArrayList<>();
      String user = "drop" + Long.toString(System.currentTimeMillis(), 36);
      for (int i = 0; i < SESSIONS; i++) {
        keys.add(user + ":demo:t" + i);
        Server.await(maker.create(keys.get(i)));
        Server.await(maker.send(keys.get(i), TURN));
      }
      double[] base = vitals.metrics(CONNECTIONS, WATCHED);
      connections = base[0];
      watched = base[1];
      NetClient fin = BareSocket.client(vertx, false);
      NetClient rst = BareSocket.client(vertx, true);
      // The code must be compiled before it is measured.
      Histogram _ = drop(fin, keys, Watcher.Leave.FAREWELL, drops / 3);
      look.reset();
      Server.sayWhetherItIsQuiet();
      Histogram farewell = drop(fin, keys, Watcher.Leave.FAREWELL, drops);
      Histogram finished = drop(fin, keys, Watcher.Leave.CUT, drops);
      Histogram reset = drop(rst, keys, Watcher.Leave.CUT, drops);
      System.out.printf(
          "%d sockets in each manner, each on one of %d sessions that stream; one look at the"
              + " gauges (the resolution): p50 %s, p99 %s, max %s%n%n",
          drops, SESSIONS, Server.ms(look, 50), Server.ms(look, 99), Server.ms(look, 100));
      System.out.println("| the socket ends by | p50 | p99 | max |");
      System.out.println("|---|---|---|---|");
      row("a Close frame", farewell);
      row("FIN", finished);
      row("RST", reset);
      long maxNanos =
          Math.max(farewell.getMaxValue(), Math.max(finished.getMaxValue(), reset.getMaxValue()));
      return maxNanos > TimeUnit.MILLISECONDS.toNanos(LIMIT_MS);
    } finally {
      Server.await(vertx.close());
    }
  }

  private static void row(String what, Histogram histogram) {
    System.out.printf(
        "| %s | %s | %s | %s |%n",
        what, Server.ms(histogram, 50), Server.ms(histogram, 99), Server.ms(histogram, 100));
  }

  private Histogram drop(NetClient client, List<String> keys, Watcher.Leave leave, int drops)
      throws Exception {
    Histogram kept = new Histogram(3);
    for (int i = 0; i < drops; i++) {
      Watcher watcher = Server.await(Watcher.open(client, port, keys.get(i % keys.size()), leave));
      if (isBack()) {
        throw new IllegalStateException("the gauges do not see a socket that is there");
      }
      long begin = System.nanoTime();
      var _ = watcher.leave();
      while (!isBack()) {
        if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(GIVEN_UP_SECONDS)) {
          throw new IllegalStateException("kept for more than " + GIVEN_UP_SECONDS + " s");
        }
      }
      kept.recordValue(System.nanoTime() - begin);
    }
    return kept;
  }

  private boolean isBack() throws IOException {
    long begin = System.nanoTime();
    double[] now = vitals.metrics(CONNECTIONS, WATCHED);
    look.recordValue(System.nanoTime() - begin);
    return now[0] <= connections && now[1] <= watched;
  }
}
