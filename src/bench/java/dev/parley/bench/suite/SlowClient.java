package dev.parley.bench.suite;

import dev.parley.bench.BenchClient;
import dev.parley.bench.Deltas;
import dev.parley.bench.Server;
import dev.parley.bench.suite.Figures.Cell;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// One client that stops acknowledging until it is so many frames behind, and then catches up,
/// while others stream: what it costs them, and what it costs the server's memory.
///
/// The session that it watches streams all the time, and so do the live ones, so that the phases
/// differ in this client alone.
final class SlowClient implements Scenario {
  private static final int LIVE = 20;
  private static final int RATE = 50;

  /// Of the session that the slow client watches: more than commits can make frames of.
  private static final int FAST_RATE = 2_000;

  private static final int WARM_SECONDS = 15;
  private static final int TURN_SECONDS = 3_000;
  private static final long POLL_NANOS = 20_000_000;
  private static final int BEHIND_SECONDS_MAX = 600;

  private final int framesBehind;
  private final int seconds;
  private volatile Histogram added = new ConcurrentHistogram(3);
  private volatile long slowSeq;
  private volatile long fastSeq;

  /// @param framesBehind how far the slow client falls back
  /// @param seconds of a phase in which it keeps up
  SlowClient(int framesBehind, int seconds) {
    this.framesBehind = framesBehind;
    this.seconds = seconds;
  }

  @Override
  public String name() {
    return "slow-client";
  }

  @Override
  public String title() {
    return "A slow client among fast ones";
  }

  private interface Course {
    void run() throws Exception;
  }

  /// @param heapBytes in use at its end, after a collection
  private record Phase(String name, double seconds, Histogram added, long heapBytes) {}

  @Override
  public Figures run(List<String> jvm) throws Exception {
    List<Phase> phases = new ArrayList<>();
    slowSeq = 0;
    fastSeq = 0;
    try (Subject subject = Subject.parley(jvm, Map.of())) {
      Server server = subject.server();
      String key = server.key("fast", 0);
      // Somebody who keeps up, so that the session is watched in every phase.
      Chat fast =
          Chat.openAll(server, List.of(key), (chunk, _) -> fastSeq = sequence(chunk, fastSeq))
              .getFirst();
      BenchClient.Stream slow =
          Server.await(
              server
                  .client()
                  .subscribe(
                      BenchClient.session(key), chunk -> slowSeq = sequence(chunk, slowSeq)));
      List<Chat> live = live(server);
      Future<Void> _ = fast.send("/count " + FAST_RATE * TURN_SECONDS + " " + FAST_RATE);
      for (Chat chat : live) {
        Future<Void> _ = chat.send("/stamp " + RATE * TURN_SECONDS + " " + RATE);
      }
      pass(WARM_SECONDS);
      phases.add(phase(subject, "before: it keeps up", () -> pass(seconds)));
      slow.stop();
      phases.add(
          phase(subject, "it acknowledges nothing", () -> until(() -> behind() >= framesBehind)));
      long target = fastSeq;
      slow.go();
      phases.add(phase(subject, "it catches up", () -> until(() -> slowSeq >= target)));
      phases.add(phase(subject, "after: it keeps up", () -> pass(seconds)));
      List<Chat> all = new ArrayList<>(live);
      all.add(fast);
      Server.await(
          Future.all(
              all.stream()
                  .map(chat -> {
                    Future<Void> stop = chat.stop();
                    return chat.call("chat.interrupt", BenchClient.session(chat.key()))
                        .compose(_ -> stop);
                  })
                  .toList()));
      TokenLoad.check(server, all);
    }
    Histogram base = phases.getFirst().added;
    List<List<Cell>> rows = new ArrayList<>();
    List<Figures.Bar> bars = new ArrayList<>();
    for (Phase phase : phases) {
      rows.add(
          List.of(
              Cell.of(phase.name),
              Cell.of("%.2f s", phase.seconds),
              Latency.at(phase.added, 50),
              Latency.at(phase.added, 99),
              Cell.of("%.2f", Latency.ms(phase.added, 50) / Latency.ms(base, 50)),
              Cell.of("%.2f", Latency.ms(phase.added, 99) / Latency.ms(base, 99)),
              Cell.of("%.1f MB", phase.heapBytes / 1e6)));
      bars.add(new Figures.Bar(phase.name + ", p50", Latency.ms(phase.added, 50)));
    }
    return new Figures(
        """
        A client falls %,d frames behind in a session that streams without a pause, because it acknowledges nothing,
        and then catches up. Beside it %d sessions × %d tokens/s: what is added to their tokens, and how that compares
        with the time before. The heap is what a collection leaves at the end of the phase.
        """
            .formatted(framesBehind, LIVE, RATE),
        List.of("phase", "takes", "others' p50", "p99", "p50 ratio", "p99 ratio", "heap"),
        rows,
        bars,
        "ms");
  }

  private List<Chat> live(Server server) throws Exception {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < LIVE; i++) {
      keys.add(server.key("live", i));
    }
    return Chat.openAll(
        server,
        keys,
        (chunk, now) ->
            Deltas.forEach(
                chunk,
                delta -> {
                  Histogram current = added;
                  Deltas.stamps(delta, made -> current.recordValue(Math.max(0, now - made)));
                }));
  }

  private Phase phase(Subject subject, String name, Course course) throws Exception {
    Histogram own = new ConcurrentHistogram(3);
    long begin = System.nanoTime();
    added = own;
    course.run();
    double took = (System.nanoTime() - begin) / 1e9;
    added = new ConcurrentHistogram(3);
    // A collection would stand in the latencies.
    return new Phase(name, took, own, subject.vitals().heapBytes());
  }

  private long behind() {
    return fastSeq - slowSeq;
  }

  private static long sequence(String chunk, long before) {
    return Math.max(before, BenchClient.number(chunk, "\"seq\":"));
  }

  private static void pass(int seconds) {
    TokenLoad.sleepUntil(System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds));
  }

  private static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BEHIND_SECONDS_MAX);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("did not come so far in " + BEHIND_SECONDS_MAX + " s");
      }
      TokenLoad.sleepUntil(System.nanoTime() + POLL_NANOS);
    }
  }
}
