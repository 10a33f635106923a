package dev.parley.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// How long a client that comes back waits until it has everything it missed: a turn of so many
/// frames, none of which is at hand on the server.
public final class ResumeFigures {
  /// Slow enough that each token is a frame of its own.
  private static final int TOKENS_PER_SECOND = 200;

  /// The rate of the demo agent's `/hang`.
  private static final int HANG_PER_SECOND = 50;

  /// The frames before the first word: `UserMessage`, `SessionStarted`.
  private static final long CURSOR = 2;

  private static final int CLIENTS = 20;

  private final Server server;
  private final int tokens;
  private final int rounds;
  private final long chars;

  private ResumeFigures(Server server, int tokens, int rounds) {
    this.server = server;
    this.tokens = tokens;
    this.rounds = rounds;
    this.chars = Deltas.charsOfCount(tokens);
  }

  /// Arguments of its own: tokens of the turn, rounds. The server must not give up a silent agent
  /// meanwhile.
  public static void main(String[] args) throws Exception {
    int[] numbers = Server.numbers(args, 2000, 300);
    try (Server server = new Server(args)) {
      new ResumeFigures(server, numbers[0], numbers[1]).run();
    }
  }

  private void run() throws Exception {
    String ended = server.key("ended", 0);
    String running = server.key("running", 0);
    List<BenchClient> makers = server.clients(List.of(ended, running));
    Future<Void> whole = streamed(makers.get(0), ended, "\"SessionStopped\"");
    Future<Void> said = streamed(makers.get(1), running, tokens + " \"");
    Server.await(makers.get(0).send(ended, "/count " + tokens + " " + TOKENS_PER_SECOND));
    Server.await(makers.get(1).send(running, "/hang " + tokens));
    Server.await(whole, tokens / TOKENS_PER_SECOND + 60);
    Server.await(said, tokens / HANG_PER_SECOND + 60);
    for (BenchClient maker : makers) {
      Server.await(maker.close());
    }
    List<BenchClient> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(server.client());
    }

    // The code must be compiled before it is measured.
    for (int i = 0; i < 2; i++) {
      var _ = resumes(clients, ended, CURSOR);
      var _ = resumes(clients, running, -1);
    }
    Server.sayWhetherItIsQuiet();
    System.out.printf(
        "An ended turn of %d frames, and a running one of %d; %d rounds each%n%n",
        server.frames(ended), server.frames(running), rounds);
    System.out.println("| who comes back | p50 | p99 | max |");
    System.out.println("|---|---|---|---|");
    List<BenchClient> one = clients.subList(0, 1);
    row("1 client with a cursor, connected", resumes(one, ended, CURSOR));
    row("1 client with a cursor, connecting", connects(ended));
    row("20 clients at once with a cursor, connected", resumes(clients, ended, CURSOR));
    row("1 client with a cursor, the turn still runs", resumes(one, running, CURSOR));
    row("1 new client, the turn still runs", resumes(one, running, -1));
    row("20 new clients at once, the turn still runs", resumes(clients, running, -1));
  }

  private static void row(String who, Histogram histogram) {
    System.out.printf(
        "| %s | %s | %s | %s |%n",
        who, Server.ms(histogram, 50), Server.ms(histogram, 99), Server.ms(histogram, 100));
  }

  /// Done when something with this text has come.
  private static Future<Void> streamed(BenchClient client, String key, String end) {
    Promise<Void> come = Promise.promise();
    return client
        .subscribe(
            BenchClient.session(key),
            chunk -> {
              if (chunk.contains(end)) {
                come.tryComplete();
              }
            })
        .compose(_ -> come.future());
  }

  private Histogram resumes(List<BenchClient> clients, String key, long afterSeq) throws Exception {
    Histogram histogram = new ConcurrentHistogram(3);
    for (int round = 0; round < Math.max(1, rounds / clients.size()); round++) {
      Server.await(
          Future.all(
              clients.stream()
                  .map(client -> all(client, key, afterSeq, System.nanoTime(), histogram))
                  .toList()));
    }
    return histogram;
  }

  private Histogram connects(String key) throws Exception {
    Histogram histogram = new ConcurrentHistogram(3);
    for (int round = 0; round < rounds; round++) {
      long begin = System.nanoTime();
      Server.await(
          BenchClient.connect(server.sockets(), server.port())
              .compose(client ->
                  all(client, key, CURSOR, begin, histogram).compose(_ -> client.close())));
    }
    return histogram;
  }

  /// Subscribes, notes when everything has come, and leaves again.
  ///
  /// @param afterSeq -1: a new client
  private Future<String> all(
      BenchClient client, String key, long afterSeq, long begin, Histogram histogram) {
    Promise<Void> complete = Promise.promise();
    long[] received = {0};
    return client
        .subscribe(
            afterSeq < 0 ? BenchClient.session(key) : BenchClient.session(key, afterSeq),
            chunk -> {
              received[0] += Deltas.chars(chunk);
              if (received[0] >= chars && complete.tryComplete()) {
                histogram.recordValue(System.nanoTime() - begin);
              }
            })
        .compose(stream ->
            complete
                .future()
                .compose(_ -> {
                  if (received[0] != chars) {
                    throw new IllegalStateException(received[0] + " of " + chars + " characters");
                  }
                  return stream.interrupt();
                }));
  }
}
