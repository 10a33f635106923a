package dev.parley.bench;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjLongConsumer;
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

  private final Server server;

  private FirstFigures(Server server) {
    this.server = server;
  }

  /// Arguments of its own: seconds per scenario, tokens per session at saturation.
  public static void main(String[] args) throws Exception {
    int[] numbers = Server.numbers(args, 20, 20_000);
    try (Server server = new Server(args)) {
      new FirstFigures(server).run(numbers[0], numbers[1]);
    }
  }

  private void run(int seconds, int tokens) throws Exception {
    // The code must be compiled before it is measured.
    var _ = latency("warm", 20, 5);
    var _ = saturation("warms", 20, tokens / 4);
    Server.sayWhetherItIsQuiet();
    System.out.println("| scenario | p50 | p99 | max | bare commit p50 | p99 | p50 / bare |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (int sessions : new int[] {1, 100}) {
      try (BareCommit bare = server.bareCommit()) {
        bare.start();
        Histogram added = latency("lat" + sessions, sessions, seconds);
        Histogram cost = bare.stop();
        System.out.printf(
            "| %d × %d tokens/s | %s | %s | %s | %s | %s | %.1f |%n",
            sessions,
            RATE_PER_SECOND,
            Server.ms(added, 50),
            Server.ms(added, 99),
            Server.ms(added, 100),
            Server.ms(cost, 50),
            Server.ms(cost, 99),
            (double) added.getValueAtPercentile(50) / cost.getValueAtPercentile(50));
      }
    }
    double rate = saturation("sat", 100, tokens);
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
            (delta, now) ->
                Deltas.stamps(
                    delta,
                    made -> {
                      if (made >= from[0]) {
                        added.recordValue(Math.max(0, now - made));
                      }
                    }));
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
    long chars = Deltas.charsOfCount(tokens);
    for (ChatClient client : clients) {
      if (client.chars() != chars) {
        throw new IllegalStateException("a text has " + client.chars() + " of " + chars);
      }
    }
    return sessions * (double) tokens / seconds;
  }

  private List<ChatClient> open(String user, int sessions, ObjLongConsumer<String> onDelta)
      throws Exception {
    List<Future<ChatClient>> opening = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      opening.add(ChatClient.open(server.sockets(), server.port(), server.key(user, i), onDelta));
    }
    Server.await(Future.all(opening));
    return opening.stream().map(Future::result).toList();
  }

  private static void stream(List<ChatClient> clients, String message, int secondsMax)
      throws Exception {
    Server.await(Future.all(clients.stream().map(c -> c.send(message)).toList()), secondsMax);
  }
}
