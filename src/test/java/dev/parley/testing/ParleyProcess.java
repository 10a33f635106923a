package dev.parley.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/// The packaged application as a process of its own, driven as an operator does: by environment
/// variables and signals. Its output goes to a file in `target/`.
public final class ParleyProcess implements AutoCloseable {
  private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");
  private static final Duration START_MAX = Duration.ofSeconds(90);
  private static final Duration STOP_MAX = Duration.ofSeconds(40);
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Process process;
  private final int port;
  private final Path dataDir;
  private final Path log;

  private ParleyProcess(Process process, int port, Path dataDir, Path log) {
    this.process = process;
    this.port = port;
    this.dataDir = dataDir;
    this.log = log;
  }

  /// Starts it on a free port and waits until it is ready.
  public static ParleyProcess start(Path dataDir) {
    return start(dataDir, Map.of());
  }

  /// @param environment more settings, by the names of environment variables
  public static ParleyProcess start(Path dataDir, Map<String, String> environment) {
    ParleyProcess started = launch(dataDir, environment);
    try {
      Awaitility.await("the start of Parley, see " + started.log)
          .atMost(START_MAX)
          .pollInterval(Duration.ofMillis(50))
          .until(() -> {
            if (!started.process.isAlive()) {
              throw new IllegalStateException("Parley did not start: " + started.output());
            }
            return started.isReady();
          });
      return started;
    } catch (RuntimeException e) {
      started.close();
      throw e;
    }
  }

  /// Starts it and does not wait.
  public static ParleyProcess launch(Path dataDir, Map<String, String> environment) {
    try {
      int port = freePort();
      Path log =
          Files.createDirectories(Path.of("target", "processes"))
              .resolve(
                  "parley-"
                      + ProcessHandle.current().pid()
                      + "-"
                      + COUNT.incrementAndGet()
                      + ".log");
      ProcessBuilder builder =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElseThrow(), "-jar", JAR.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().keySet().removeIf(name -> name.startsWith("QUARKUS_"));
      builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
      builder.environment().put("PARLEY_DATA_DIR", dataDir.toString());
      builder.environment().putAll(environment);
      return new ParleyProcess(builder.start(), port, dataDir, log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public URI baseUrl() {
    return URI.create("http://127.0.0.1:" + port);
  }

  public URI wsUrl() {
    return URI.create("ws://127.0.0.1:" + port + "/ws");
  }

  /// Whether `/q/health/ready` says UP at this moment.
  public boolean isReady() {
    return status("/q/health/ready") == 200;
  }

  /// The HTTP status of a GET; 0 when there is no connection.
  public int status(String path) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(baseUrl().resolve(path))
              .timeout(Duration.ofSeconds(10))
              .build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// A blocking connection to the embedded PostgreSQL of its data directory.
  public Connection database() throws SQLException {
    try {
      List<String> pidFile = Files.readAllLines(dataDir.resolve("postgres/postmaster.pid"));
      String password = Files.readString(dataDir.resolve("postgres.password")).strip();
      return DriverManager.getConnection(
          "jdbc:postgresql://127.0.0.1:" + pidFile.get(3).strip() + "/parley", "parley", password);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Ends the JVM as a crash does: nothing of it runs any more, not even a hook.
  public void kill() {
    process.destroyForcibly();
    waitFor(STOP_MAX);
  }

  /// Asks it to stop and waits.
  ///
  /// @return its exit code
  public int stop() {
    process.destroy();
    waitFor(STOP_MAX);
    return process.exitValue();
  }

  /// Waits for it to end by itself.
  ///
  /// @return its exit code
  public int waitFor(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("Parley still runs after " + limit + ": " + output());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// What it has printed so far.
  public String output() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Stops it, by force when it does not, so that no test leaves a process behind.
  @Override
  public void close() {
    if (process.isAlive()) {
      try {
        stop();
      } catch (IllegalStateException e) {
        process.destroyForcibly();
        throw e;
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
