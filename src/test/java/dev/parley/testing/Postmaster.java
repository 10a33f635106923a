package dev.parley.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;

/// Ends PostgreSQL servers as crashes do.
public final class Postmaster {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private Postmaster() {}

  /// The server that runs on a cluster, as its pid file says.
  public static Optional<Long> pid(Path cluster) {
    Path file = cluster.resolve("postmaster.pid");
    try {
      return Files.readAllLines(file).stream().findFirst().map(line -> Long.valueOf(line.strip()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Its "immediate" shutdown: no checkpoint, no farewell, and recovery at the next start. Returns
  /// when the process is gone; does nothing when it is already.
  public static void kill(long pid) {
    // A number that was reused is somebody else's process.
    Optional<ProcessHandle> postmaster =
        ProcessHandle.of(pid)
            .filter(process -> process.info().command().orElse("").endsWith("postgres"));
    if (postmaster.isEmpty()) {
      return;
    }
    try {
      int exit = new ProcessBuilder("kill", "-QUIT", Long.toString(pid)).start().waitFor();
      if (exit != 0 && postmaster.get().isAlive()) {
        throw new IllegalStateException("kill ended with " + exit);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    Awaitility.await()
        .pollInterval(Duration.ofMillis(10))
        .atMost(LIMIT)
        .until(() -> !postmaster.get().isAlive());
  }
}
