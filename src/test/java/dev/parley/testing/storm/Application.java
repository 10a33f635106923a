package dev.parley.testing.storm;

import dev.parley.testing.ParleyProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The packaged application under the storm, one process after the other. Started and ended on one
/// thread; clients ask from others where it is.
final class Application implements AutoCloseable {
  /// An error of our own code is a defect, whatever happened around it.
  private static final Pattern DEFECT =
      Pattern.compile(" (ERROR|FATAL) +\\[dev\\.parley\\.(?!app\\.)");

  /// Patience and pauses of a service that somebody watches closely, so that a minute sees many
  /// recoveries; a short queue, so that it fills up and empties again.
  private static final Map<String, String> SETTINGS =
      Map.of(
          "PARLEY_SESSION_RETRY_PAUSE_MAX", "200ms",
          "PARLEY_SESSION_RECOVERY_INTERVAL", "1s",
          "PARLEY_SESSION_IDLE_TIMEOUT", "2s",
          "PARLEY_SESSION_QUEUE_MAX", "6",
          "PARLEY_AGENT_TIMEOUT", "1500ms",
          "PARLEY_RPC_PING_INTERVAL", "2s",
          "PARLEY_RPC_PONG_TIMEOUT", "1s",
          "PARLEY_NODE_START_WAIT", "10s");

  private final Path dataDir;
  private final Map<String, String> env;
  private final List<String> defects = new ArrayList<>();
  private @Nullable ParleyProcess process;

  /// Where clients find it; absent while it is away.
  private @Nullable URI url;

  Application(Path dataDir, Postgres postgres) {
    this.dataDir = dataDir;
    this.env = new HashMap<>(SETTINGS);
    this.env.putAll(postgres.settings());
  }

  /// Starts it and waits until it is ready.
  void start() {
    launch().awaitReady();
    open();
  }

  /// Starts it; [#open] when it is ready.
  ParleyProcess launch() {
    ParleyProcess launched = ParleyProcess.launch(dataDir, env);
    process = launched;
    return launched;
  }

  synchronized void open() {
    url = running().wsUrl();
    notifyAll();
  }

  void kill() {
    endedByItself();
    close(null);
    running().kill();
    read();
  }

  /// SIGTERM.
  void stop() {
    endedByItself();
    close(null);
    int exit = running().stop();
    // 143 is how the JVM says that SIGTERM ended it in order.
    if (exit != 0 && exit != 143) {
      defects.add("the application stopped with " + exit + ": " + running());
    }
    read();
  }

  /// Where it listens; waits while it is away.
  ///
  /// @return absent: it did not come in time
  synchronized @Nullable URI url(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (url == null) {
      long leftMs = (end - System.nanoTime()) / 1_000_000;
      if (leftMs <= 0) {
        return null;
      }
      wait(leftMs);
    }
    return url;
  }

  /// What its processes did that they never should.
  List<String> defects() {
    return List.copyOf(defects);
  }

  @Override
  public void close() {
    if (process != null && process.isAlive()) {
      stop();
    }
  }

  private synchronized void close(@Nullable URI none) {
    url = none;
  }

  private void endedByItself() {
    if (!running().isAlive()) {
      defects.add("the application ended by itself: " + running());
    }
  }

  private void read() {
    try {
      running()
          .output()
          .lines()
          .filter(line -> DEFECT.matcher(line).find())
          .forEach(line -> defects.add("the application says: " + line));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ParleyProcess running() {
    if (process == null) {
      throw new IllegalStateException("was never started");
    }
    return process;
  }
}
