package dev.parley.bench;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// One client that stops acknowledging until it is so many frames behind, and then catches up,
/// while others stream: what it costs them, and what it costs the server's memory.
///
/// The session that it watches streams all the time, and so do the live ones, so that the phases
/// differ in this client alone.
public final class SlowClientFigures {
  private static final int LIVE = 20;
  private static final int RATE_PER_SECOND = 50;

  /// Of the session that the slow client watches: more than commits can make frames of.
  private static final int FAST_PER_SECOND = 2000;

  private static final int RAMP_SECONDS = 5;
  private static final int TURN_SECONDS = 10_000;
  private static final long POLL_NANOS = 50_000_000;
  private static final int BEHIND_SECONDS_MAX = 1200;

  private final Server server;
  private final int framesBehind;
  private final int seconds;
  private final List<ChatClient> live = new ArrayList<>();
  private volatile Histogram added = new ConcurrentHistogram(3);
  private volatile long slowSeq;
  private volatile long fastSeq;

  private SlowClientFigures(Server server, int framesBehind, int seconds) {
    this.server = server;
    this.framesBehind = framesBehind;
    this.seconds = seconds;
  }

  /// Arguments of its own: frames that the slow client falls behind, seconds of a phase without it.
  public static void main(String[] args) throws Exception {
    int[] numbers = Server.numbers(args, 100_000, 30);
    try (Server server = new Server(args)) {
      new SlowClientFigures(server, numbers[0], numbers[1]).run();
    }
  }

  private record Phase(String name, Histogram added, long heapBytes) {}

  private void run() throws Exception {
    String key = server.key("fast", 0);
    BenchClient maker = server.clients(List.of(key)).getFirst();
    // Somebody who keeps up, so that the session is watched in every phase.
    Server.await(
        maker.subscribe(BenchClient.session(key), chunk -> fastSeq = sequence(chunk, fastSeq)));
    BenchClient.Stream slow =
        Server.await(
            server
                .client()
                .subscribe(BenchClient.session(key), chunk -> slowSeq = sequence(chunk, slowSeq)));
    Server.await(
        maker.send(key, "/count " + FAST_PER_SECOND * TURN_SECONDS + " " + FAST_PER_SECOND));
    stream();
    Server.sayWhetherItIsQuiet();

    List<Phase> phases = new ArrayList<>();
    phases.add(phase("before: it keeps up", () -> pass(seconds)));
    slow.stop();
    long begin = System.nanoTime();
    phases.add(phase("it acknowledges nothing", () -> await(this::isBehind)));
    double behindSeconds = seconds(begin);
    long behind = fastSeq - slowSeq;
    begin = System.nanoTime();
    long target = fastSeq;
    slow.go();
    phases.add(phase("it catches up", () -> await(() -> slowSeq >= target)));
    double caughtUpSeconds = seconds(begin);
    phases.add(phase("after: it keeps up", () -> pass(seconds)));

    System.out.printf(
        "The slow client fell %d frames behind in %.1f s and had them %.2f s after its first"
            + " acknowledgement; beside it %d sessions × %d tokens/s%n%n",
        behind, behindSeconds, caughtUpSeconds, LIVE, RATE_PER_SECOND);
    System.out.println("| phase | added latency p50 | p99 | max | p50 ratio | p99 ratio | heap |");
    System.out.println("|---|---|---|---|---|---|---|");
    Histogram base = phases.getFirst().added();
    for (Phase phase : phases) {
      System.out.printf(
          "| %s | %s | %s | %s | %.2f | %.2f | %.1f MB |%n",
          phase.name(),
          Server.ms(phase.added(), 50),
          Server.ms(phase.added(), 99),
          Server.ms(phase.added(), 100),
          (double) phase.added().getValueAtPercentile(50) / base.getValueAtPercentile(50),
          (double) phase.added().getValueAtPercentile(99) / base.getValueAtPercentile(99),
          phase.heapBytes() / 1e6);
    }
  }

  private interface Course {
    void run() throws Exception;
  }

  private Phase phase(String name, Course course) throws Exception {
    Histogram own = new ConcurrentHistogram(3);
    added = own;
    course.run();
    added = new ConcurrentHistogram(3);
    // A collection would stand in the latencies.
    return new Phase(name, own, server.heapBytes());
  }

  /// Starts the live sessions, which stream until the end.
  private void stream() throws Exception {
    List<Future<ChatClient>> opening = new ArrayList<>();
    for (int i = 0; i < LIVE; i++) {
      opening.add(
          ChatClient.open(
              server.sockets(),
              server.port(),
              server.key("live", i),
              (delta, now) -> {
                Histogram current = added;
                Deltas.stamps(delta, made -> current.recordValue(Math.max(0, now - made)));
              }));
    }
    Server.await(Future.all(opening));
    opening.forEach(client -> live.add(client.result()));
    live.forEach(client -> {
      Future<Void> _ =
          client.send("/stamp " + RATE_PER_SECOND * TURN_SECONDS + " " + RATE_PER_SECOND);
    });
    pass(RAMP_SECONDS);
  }

  private boolean isBehind() {
    return fastSeq - slowSeq >= framesBehind;
  }

  private static long sequence(String chunk, long before) {
    return Math.max(before, BenchClient.number(chunk, "\"seq\":"));
  }

  private static void pass(int seconds) {
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BEHIND_SECONDS_MAX);
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("did not come so far in " + BEHIND_SECONDS_MAX + " s");
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }
}
