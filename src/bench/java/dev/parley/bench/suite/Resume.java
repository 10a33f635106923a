package dev.parley.bench.suite;

import dev.parley.bench.BenchClient;
import dev.parley.bench.Server;
import dev.parley.bench.suite.Figures.Cell;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// How long clients that come back wait until they have everything they missed, none of which the
/// server has at hand.
final class Resume implements Scenario {
  private static final int[] FRAMES = {2_000, 50_000};
  private static final int[] CLIENTS = {1, 100};

  /// They have seen nothing, and know it: the checker wants to see whatever they are said to have.
  private static final long CURSOR = 0;

  /// A large session, or a crowd, has fewer rounds.
  private static final int LARGE_ROUNDS_DIVISOR = 10;

  private final int rounds;

  /// @param rounds of one client that missed little
  Resume(int rounds) {
    this.rounds = rounds;
  }

  @Override
  public String name() {
    return "resume";
  }

  @Override
  public String title() {
    return "Resume";
  }

  @Override
  public Figures run(List<String> jvm) throws Exception {
    List<List<Cell>> rows = new ArrayList<>();
    List<Figures.Bar> bars = new ArrayList<>();
    // Each token a frame of its own: what was not joined when it was stored.
    Subject writer = Subject.parley(jvm, Map.of("PARLEY_FRAMES_JOINED_BYTES_MAX", "0"));
    List<String> keys = new ArrayList<>();
    for (int frames : FRAMES) {
      keys.add(write(writer.server(), frames));
    }
    try (Subject subject = writer.successor(jvm, Map.of())) {
      Server server = subject.server();
      List<BenchClient> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS[CLIENTS.length - 1]; i++) {
        clients.add(server.client());
      }
      // The code must be compiled before it is measured.
      for (int i = 0; i < 3; i++) {
        var _ = resume(server, clients, keys.getFirst(), 3);
      }
      for (int i = 0; i < FRAMES.length; i++) {
        for (int crowd : CLIENTS) {
          int times = rounds;
          times = i == 0 ? times : times / LARGE_ROUNDS_DIVISOR;
          times = crowd == 1 ? times : Math.max(3, times / LARGE_ROUNDS_DIVISOR);
          Back back = resume(server, clients.subList(0, crowd), keys.get(i), times);
          rows.add(
              List.of(
                  Cell.of("%,d".formatted(FRAMES[i])),
                  Cell.of(Integer.toString(crowd)),
                  Latency.at(back.each, 50),
                  Latency.at(back.each, 99),
                  Latency.at(back.last, 50),
                  Latency.at(back.last, 100)));
          String label = "%,d, %d at once".formatted(FRAMES[i], crowd);
          bars.add(new Figures.Bar(label, Latency.ms(back.last, 50)));
        }
      }
    }
    return new Figures(
        """
        Clients with a cursor at the beginning of an answer that has ended, on sockets that are open: from
        `chat.subscribe` until its `SessionStopped` is there. A node that has just started serves them, so all comes
        from the database. Each token was stored as a frame of its own.
        """,
        List.of(
            "frames behind",
            "clients at once",
            "each, p50",
            "p99",
            "the last of them, p50",
            "the last of them, max"),
        rows,
        bars,
        "ms, the last of them, p50");
  }

  private static String write(Server server, int frames) throws Exception {
    String key = server.key("resume", frames);
    Chat chat = Chat.openAll(server, List.of(key), (_, _) -> {}).getFirst();
    Server.await(chat.send("/count " + frames + " 0"));
    TokenLoad.check(server, List.of(chat));
    return key;
  }

  /// What came of some rounds, in nanoseconds.
  private record Back(Histogram each, Histogram last) {}

  private static Back resume(Server server, List<BenchClient> clients, String key, int rounds)
      throws Exception {
    Histogram each = new ConcurrentHistogram(3);
    Histogram last = new ConcurrentHistogram(3);
    for (int round = 0; round < rounds; round++) {
      long begin = System.nanoTime();
      Histogram now = new ConcurrentHistogram(3);
      List<Future<Chat>> coming = new ArrayList<>();
      for (BenchClient client : clients) {
        coming.add(
            Chat.subscribe(
                    client,
                    key,
                    CURSOR,
                    (chunk, at) -> {
                      if (chunk.contains("\"SessionStopped\"")) {
                        now.recordValue(at - begin);
                      }
                    })
                .compose(chat -> chat.stopped().map(chat)));
      }
      Server.await(Future.all(coming));
      each.add(now);
      last.recordValue(now.getMaxValue());
      List<Chat> chats = coming.stream().map(Future::result).toList();
      Server.await(Future.all(chats.stream().map(Chat::unsubscribe).toList()));
      TokenLoad.hold(server, List.of(chats.getFirst(), chats.getLast()));
    }
    return new Back(each, last);
  }
}
