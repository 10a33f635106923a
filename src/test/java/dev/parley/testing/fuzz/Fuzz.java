package dev.parley.testing.fuzz;

import dev.parley.testing.ParleyProcess;
import dev.parley.testing.Vitals;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Plays episodes against a server of its own, many at once, and judges what it makes of them.
///
/// The server must live, say nothing of errors and quote no client; whoever keeps to the rules must
/// be answered; and when all connections are gone, nothing of them may be left.
public final class Fuzz {
  private static final int AT_ONCE = 12;

  /// What everything has come up to, once: threads, pools, prepared statements, linked code.
  private static final int WARM_FRAMES = 20_000;

  private static final Duration LEVEL_LIMIT = Duration.ofSeconds(60);
  private static final long PROBE_NANOS = 50_000_000;
  private static final long POLL_NANOS = 100_000_000;

  /// Files that are opened late and once.
  private static final int DESCRIPTOR_SLACK = 4;

  private static final int WRONG_MAX = 20;

  private final ParleyProcess parley;
  private final Path dataDir;
  private final long seed;
  private final AtomicLong next = new AtomicLong();
  private final AtomicLong frames = new AtomicLong();
  private final List<String> wrong = Collections.synchronizedList(new ArrayList<>());

  private Fuzz(ParleyProcess parley, Path dataDir, long seed) {
    this.parley = parley;
    this.dataDir = dataDir;
    this.seed = seed;
  }

  /// What came of a run.
  ///
  /// @param wrong what the server did wrong; empty: nothing
  public record Outcome(
      long seed,
      long episodes,
      long frames,
      double seconds,
      double probeP50Ms,
      double probeP99Ms,
      double probeMaxMs,
      List<String> levels,
      List<String> wrong) {
    @Override
    public String toString() {
      return "seed %d: %d frames on %d connections in %.1f s, %.0f frames/s; a healthy call beside them: p50 %.1f ms, p99 %.1f ms, max %.1f ms%n%s%n%s"
          .formatted(
              seed,
              frames,
              episodes,
              seconds,
              frames / seconds,
              probeP50Ms,
              probeP99Ms,
              probeMaxMs,
              String.join("\n", levels),
              wrong.isEmpty() ? "nothing wrong" : String.join("\n", wrong));
    }
  }

  /// What is left of connections, or must not be.
  private record Levels(
      int sockets,
      double connections,
      double watchedSessions,
      double watchedUsers,
      double activeSessions,
      int descriptors) {
    static Levels of(Vitals vitals) throws IOException {
      double[] gauges =
          vitals.metrics(
              "parley_connections_active",
              "parley_effects_watched_sessions",
              "parley_watch_users",
              "parley_sessions_active");
      return new Levels(
          vitals.connections(), gauges[0], gauges[1], gauges[2], gauges[3], vitals.descriptors());
    }

    boolean isBackAt(Levels before) {
      return sockets <= before.sockets
          && connections <= before.connections
          && watchedSessions <= before.watchedSessions
          && watchedUsers <= before.watchedUsers
          && activeSessions <= before.activeSessions
          && descriptors <= before.descriptors + DESCRIPTOR_SLACK;
    }
  }

  /// Starts a server in the folder, plays about so many frames, and stops it.
  public static Outcome run(Path dataDir, long frames, long seed) throws Exception {
    try (ParleyProcess parley =
        ParleyProcess.start(
            dataDir,
            Map.of(
                // Sessions that nobody uses shall be gone soon.
                "PARLEY_SESSION_IDLE_TIMEOUT", "500ms",
                "PARLEY_AGENT_TIMEOUT", "5s",
                // Who listens for an answer says nothing, and no more to a ping.
                "PARLEY_RPC_PING_INTERVAL", "26s",
                "PARLEY_RPC_PONG_TIMEOUT", "25s"))) {
      return new Fuzz(parley, dataDir, seed).run(frames);
    } finally {
      ParleyProcess.stopDatabase(dataDir);
    }
  }

  private Outcome run(long count) throws Exception {
    Vitals vitals = new Vitals(parley.pid(), parley.baseUrl().getPort());
    play(WARM_FRAMES);
    Levels before = settled(vitals, new Levels(0, 0, 0, 0, 0, Short.MAX_VALUE));
    long heapBefore = vitals.heapBytes();
    long warmFrames = frames.get();
    long warmEpisodes = next.get();
    double seconds;
    Probe probe = new Probe(parley.wsUrl());
    try (probe) {
      long begin = System.nanoTime();
      Thread asking = Thread.ofPlatform().start(() -> ask(probe));
      play(count);
      seconds = (System.nanoTime() - begin) / 1e9;
      asking.interrupt();
      asking.join();
      try (Connection database = ParleyProcess.connectTo(dataDir)) {
        wrong.addAll(probe.judge(database));
      }
    }
    Levels after = settled(vitals, before);
    if (!after.isBackAt(before)) {
      wrong.add("not back at its level: " + vitals.series("parley_connections_active"));
    }
    long heapAfter = vitals.heapBytes();
    if (heapAfter > heapBefore + heapBefore / 10) {
      wrong.add("the heap has grown from %d to %d bytes".formatted(heapBefore, heapAfter));
    }
    if (!parley.isAlive()) {
      wrong.add("the server has ended");
    }
    wrong.addAll(ServerLog.judge(parley.output()));
    return new Outcome(
        seed,
        next.get() - warmEpisodes,
        frames.get() - warmFrames,
        seconds,
        probe.callNanos().getValueAtPercentile(50) / 1e6,
        probe.callNanos().getValueAtPercentile(99) / 1e6,
        probe.callNanos().getMaxValue() / 1e6,
        List.of(
            "before: " + before + ", heap " + heapBefore,
            "after: " + after + ", heap " + heapAfter),
        List.copyOf(wrong));
  }

  private static void ask(Probe probe) {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        probe.ask();
        LockSupport.parkNanos(PROBE_NANOS);
      }
    } catch (InterruptedException e) {
      // it is over
    }
  }

  /// Plays the next episodes until they had so many frames, and no turn of theirs runs any more.
  private void play(long count) throws InterruptedException, SQLException {
    long end = frames.get() + count;
    try (LongTurns longTurns = new LongTurns(parley.wsUrl(), dataDir, Probe.SESSION)) {
      episodes(end);
      wrong.addAll(longTurns.finish());
    }
  }

  private void episodes(long end) throws InterruptedException {
    try (ExecutorService players = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> playing = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        playing.add(
            players.submit(() -> {
              while (frames.get() < end && wrong.size() < WRONG_MAX) {
                episode(next.getAndIncrement());
              }
            }));
      }
      for (Future<?> player : playing) {
        try {
          player.get();
        } catch (ExecutionException e) {
          throw new IllegalStateException(e.getCause());
        }
      }
    }
  }

  private void episode(long number) {
    Episode episode = Episode.of(seed, number);
    frames.addAndGet(episode.frames());
    String name = "seed " + seed + ", episode " + number + " (" + episode + "): ";
    try {
      episode.play(parley.baseUrl().getPort()).forEach(what -> wrong.add(name + what));
    } catch (IOException e) {
      wrong.add(name + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// The levels once they are as before, or when waiting does not help.
  private static Levels settled(Vitals vitals, Levels before) throws IOException {
    long end = System.nanoTime() + LEVEL_LIMIT.toNanos();
    Levels levels = Levels.of(vitals);
    while (!levels.isBackAt(before) && System.nanoTime() < end) {
      LockSupport.parkNanos(POLL_NANOS);
      levels = Levels.of(vitals);
    }
    return levels;
  }
}
