package dev.parley.bench.suite;

import dev.parley.bench.Deltas;
import dev.parley.bench.Server;
import dev.parley.bench.suite.Figures.Cell;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ObjLongConsumer;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// One session that many watch: how long a token takes to the first of them, and to the last.
final class FanOut implements Scenario {
  private static final int RATE = 10;
  private static final int WARM_SECONDS = 10;
  private static final int WARM_SUBSCRIBERS = 200;
  private static final int[] SUBSCRIBERS = {1, 10, 100, 1000};

  private final int seconds;

  /// @param seconds that are counted with each number of subscribers
  FanOut(int seconds) {
    this.seconds = seconds;
  }

  @Override
  public String name() {
    return "fan-out";
  }

  @Override
  public String title() {
    return "Fan-out";
  }

  @Override
  public Figures run(List<String> jvm) throws Exception {
    List<List<Cell>> rows = new ArrayList<>();
    List<Figures.Bar> bars = new ArrayList<>();
    try (Subject subject = Subject.parley(jvm, Map.of())) {
      // The code must be compiled before it is measured.
      var _ = told(subject, "warm", WARM_SUBSCRIBERS, WARM_SECONDS);
      for (int subscribers : SUBSCRIBERS) {
        Meters before = Meters.read(subject.vitals());
        Told told = told(subject, "fan" + subscribers, subscribers, seconds);
        Meters meters = Meters.read(subject.vitals()).since(before);
        rows.add(
            List.of(
                Cell.of(Integer.toString(subscribers)),
                Latency.at(told.first, 50),
                Latency.at(told.last, 50),
                Latency.at(told.last, 99),
                Latency.at(told.last, 100),
                Cell.of("%.2f ms", meters.waitMs() + meters.commitMs()),
                Cell.of(
                    "%.0f",
                    told.used.serverCpu() * 1e6 / (told.last.getTotalCount() * subscribers))));
        bars.add(new Figures.Bar(subscribers + ", last, p50", Latency.ms(told.last, 50)));
        bars.add(new Figures.Bar(subscribers + ", last, p99", Latency.ms(told.last, 99)));
      }
    }
    return new Figures(
        """
        One session at 10 tokens per second, and how long each takes from its agent to the first and to the last of
        those who watch it, each on a socket of its own. `until committed` is the part of that time, on average, in
        which the token waits for its commit and is committed.
        """,
        List.of(
            "subscribers",
            "first has it, p50",
            "last has it, p50",
            "p99",
            "max",
            "until committed",
            "server CPU s/M deliveries"),
        rows,
        bars,
        "ms");
  }

  /// What came of one load.
  ///
  /// @param first from when a token was made until the first client had it, nanoseconds
  /// @param last the same, until the last had it
  private record Told(Histogram first, Histogram last, Subject.Used used) {}

  /// How many still have to be told a token.
  private static final class Arrivals {
    private final int subscribers;
    private final Histogram first = new ConcurrentHistogram(3);
    private final Histogram last = new ConcurrentHistogram(3);
    private final Map<Long, Integer> missing = new ConcurrentHashMap<>();

    Arrivals(int subscribers) {
      this.subscribers = subscribers;
    }

    void arrived(long made, long now) {
      missing.compute(
          made,
          (_, before) -> {
            int left = (before == null ? subscribers : before) - 1;
            if (before == null) {
              first.recordValue(Math.max(0, now - made));
            }
            if (left > 0) {
              return left;
            }
            last.recordValue(Math.max(0, now - made));
            return null;
          });
    }
  }

  private static Told told(Subject subject, String user, int subscribers, int seconds)
      throws Exception {
    Server server = subject.server();
    Arrivals arrivals = new Arrivals(subscribers);
    ObjLongConsumer<String> onChunk =
        (chunk, now) ->
            Deltas.forEach(
                chunk, delta -> Deltas.stamps(delta, made -> arrivals.arrived(made, now)));
    String key = server.key(user, 0);
    List<Chat> chats = new ArrayList<>(Chat.openAll(server, List.of(key), onChunk));
    List<Future<Chat>> others = new ArrayList<>();
    for (int i = 1; i < subscribers; i++) {
      others.add(
          server.connectClient().compose(client -> Chat.subscribe(client, key, null, onChunk)));
    }
    Server.await(Future.all(others));
    others.forEach(other -> chats.add(other.result()));
    Subject.Used before = subject.used();
    Future<Void> turn = chats.getFirst().send("/stamp " + seconds * RATE + " " + RATE);
    Server.await(turn, seconds + TokenLoad.END_SECONDS_MAX);
    Server.await(Future.all(chats.stream().skip(1).map(Chat::stopped).toList()));
    Subject.Used used = subject.used().since(before);
    if (arrivals.last.getTotalCount() != (long) seconds * RATE) {
      throw new IllegalStateException("all were told " + arrivals.last.getTotalCount() + " tokens");
    }
    TokenLoad.check(server, chats);
    return new Told(arrivals.first, arrivals.last, used);
  }
}
