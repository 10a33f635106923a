package dev.parley.bench.suite;

import dev.parley.bench.BareCommit;
import dev.parley.bench.BenchClient;
import dev.parley.bench.Server;
import dev.parley.bench.suite.Figures.Cell;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// How soon an interrupt is answered, and how soon the stream has stopped at the client, while many
/// sessions stream. Interrupts come on a schedule, one session after the other, whether or not the
/// ones before are done; a session that was interrupted streams again at once.
final class Interrupts implements Scenario {
  private static final int SESSIONS = 100;
  private static final int RATE = 50;
  private static final int PER_SECOND = 20;
  private static final String MESSAGE = "/count 1000000 " + RATE;

  private final int interrupts;

  /// @param interrupts that are counted
  Interrupts(int interrupts) {
    this.interrupts = interrupts;
  }

  @Override
  public String name() {
    return "interrupt";
  }

  @Override
  public String title() {
    return "Interrupts";
  }

  /// From the call, in nanoseconds.
  ///
  /// @param both until its answer and `SessionStopped` have come
  private record Soon(Histogram answered, Histogram stopped, Histogram both) {
    Soon() {
      this(new ConcurrentHistogram(3), new ConcurrentHistogram(3), new ConcurrentHistogram(3));
    }
  }

  @Override
  public Figures run(List<String> jvm) throws Exception {
    Soon soon = new Soon();
    Histogram bare;
    try (Subject subject = Subject.parley(jvm, Map.of())) {
      Server server = subject.server();
      List<String> keys = new ArrayList<>();
      for (int i = 0; i < SESSIONS; i++) {
        keys.add(server.key("int", i));
      }
      List<Chat> chats = Chat.openAll(server, keys, (_, _) -> {});
      Server.await(
          Future.all(chats.stream().map(chat -> chat.call("chat.send", message(chat))).toList()));
      // The code must be compiled before it is measured.
      interrupt(chats, SESSIONS * 16, new Soon());
      try (BareCommit commits = server.bareCommit()) {
        commits.start();
        interrupt(chats, interrupts, soon);
        bare = commits.stop();
      }
      Server.await(
          Future.all(
              chats.stream()
                  .map(chat -> {
                    Future<Void> stopped = chat.stop();
                    return chat.call("chat.interrupt", BenchClient.session(chat.key()))
                        .compose(_ -> stopped);
                  })
                  .toList()));
      TokenLoad.check(server, chats);
    }
    return new Figures(
        """
        %,d interrupts, %d per second on a schedule that waits for none, at %d sessions × %d tokens/s: from the call
        until its answer, and until `SessionStopped`, is at the client. No token comes after it: the checker holds what
        each client was told against what is stored.
        """
            .formatted(interrupts, PER_SECOND, SESSIONS, RATE),
        List.of("from the call to", "p50", "p99", "max"),
        List.of(
            row("its answer", soon.answered),
            row("`SessionStopped`", soon.stopped),
            row("both", soon.both),
            row("(a bare commit beside them)", bare)),
        List.of(
            new Figures.Bar("both, p50", Latency.ms(soon.both, 50)),
            new Figures.Bar("both, p99", Latency.ms(soon.both, 99)),
            new Figures.Bar("bare commit, p50", Latency.ms(bare, 50)),
            new Figures.Bar("bare commit, p99", Latency.ms(bare, 99))),
        "ms");
  }

  private static List<Cell> row(String what, Histogram histogram) {
    return List.of(
        Cell.of(what),
        Latency.at(histogram, 50),
        Latency.at(histogram, 99),
        Latency.at(histogram, 100));
  }

  private static String message(Chat chat) {
    return "{\"sessionId\":\"%s\",\"content\":\"%s\"}".formatted(chat.key(), MESSAGE);
  }

  private static void interrupt(List<Chat> chats, int count, Soon soon) throws Exception {
    long begin = System.nanoTime();
    List<Future<String>> running = new ArrayList<>();
    List<Future<String>> last = new ArrayList<>();
    chats.forEach(_ -> last.add(Future.succeededFuture()));
    for (int i = 0; i < count; i++) {
      TokenLoad.sleepUntil(
          begin + i * 1_000_000_000L / PER_SECOND + TokenLoad.phase(i, PER_SECOND));
      int at = i % chats.size();
      Chat chat = chats.get(at);
      // The one before of the same session is long done, unless something is very late.
      Future<String> again = last.get(at).compose(_ -> interrupt(chat, soon));
      last.set(at, again);
      running.add(again);
    }
    Server.await(Future.all(running));
  }

  /// Done when the session streams again.
  private static Future<String> interrupt(Chat chat, Soon soon) {
    Future<Void> stop = chat.stop();
    long begin = System.nanoTime();
    Future<Long> answer =
        chat.call("chat.interrupt", BenchClient.session(chat.key()))
            .map(_ -> record(soon.answered, begin));
    Future<Long> end = stop.map(_ -> record(soon.stopped, begin));
    return Future.all(answer, end)
        .compose(_ -> {
          soon.both.recordValue(Math.max(answer.result(), end.result()));
          return chat.call("chat.send", message(chat));
        });
  }

  private static long record(Histogram histogram, long begin) {
    long nanos = System.nanoTime() - begin;
    histogram.recordValue(nanos);
    return nanos;
  }
}
