package dev.parley.testing;

import dev.parley.app.embedded.EmbeddedDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
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
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/// The packaged application as a process of its own, ready when [#start] returns.
public final class ParleyProcess implements AutoCloseable {
  private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");
  private static final Path LAUNCHER = Path.of("deploy", "parley");

  /// What is tested is what it does.
  private static final String QUICK_TO_START = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx512m";

  /// Who sets it has a database.
  private static final String DATABASE = "QUARKUS_DATASOURCE_REACTIVE_URL";

  private static final Path LOGS = Path.of("target", "parley-logs");
  private static final String READY = "/q/health/ready";

  /// A first start unpacks PostgreSQL and makes its cluster, on a busy machine.
  private static final Duration READY_LIMIT = Duration.ofMinutes(2);

  /// Requirement N4.
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private static final int LINES_SHOWN = 40;
  private static final int POSTMASTER_PORT_LINE = 3;

  /// Below the ports that systems give to connections: a client of another test could have one of
  /// those by the time the application opens its own.
  private static final int PORT_MIN = 15_000;

  private static final int PORT_MAX = 32_000;
  private static final int PORT_ATTEMPTS_MAX = 100;
  private static final AtomicInteger COUNT = new AtomicInteger();

  /// Tests run in several processes, which write into one folder.
  private static final long OWN_PID = ProcessHandle.current().pid();

  private final Process process;
  private final Path dataDir;
  private final Path log;
  private final int port;

  private ParleyProcess(Process process, Path dataDir, Path log, int port) {
    this.process = process;
    this.dataDir = dataDir;
    this.log = log;
    this.port = port;
  }

  /// Starts the jar on this data directory and waits until it is ready. Its output goes to a file
  /// under `target/parley-logs`.
  ///
  /// @param env added to this process's environment, without what that one says of a database; what
  ///   is empty is left out
  /// @throws IllegalStateException when it ends or does not become ready in time
  public static ParleyProcess start(Path dataDir, Map<String, String> env) {
    return awaited(launch(dataDir, env));
  }

  private static ParleyProcess awaited(ParleyProcess parley) {
    try {
      parley.awaitReady();
    } catch (RuntimeException e) {
      parley.kill();
      throw e;
    }
    return parley;
  }

  /// As [#start], on a port that was free: for a start in the place of another one.
  public static ParleyProcess startOn(int port, Path dataDir, Map<String, String> env) {
    return awaited(launchOn(port, dataDir, env));
  }

  /// As [#start], without waiting: for a start that is refused, and for a command.
  public static ParleyProcess launch(Path dataDir, Map<String, String> env, String... arguments) {
    return launchOn(freePort(), dataDir, env, arguments);
  }

  /// A port that nobody listens on at this moment.
  public static int freePort() {
    for (int attempt = 1; attempt <= PORT_ATTEMPTS_MAX; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(PORT_MIN, PORT_MAX);
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return port;
      } catch (BindException taken) {
        // the next one
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    throw new IllegalStateException("no free port in " + PORT_ATTEMPTS_MAX + " attempts");
  }

  private static ParleyProcess launchOn(
      int port, Path dataDir, Map<String, String> env, String... arguments) {
    if (!Files.exists(JAR)) {
      throw new IllegalStateException("there is no " + JAR + ": package first");
    }
    try {
      FirstStart.make(
          JAR, (data, options) -> launchOn(freePort(), data, Map.of(), options, List.of()));
      if (!env.containsKey(DATABASE)) {
        FirstStart.seed(dataDir);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return launchOn(port, dataDir, env, FirstStart.options(), List.of(arguments));
  }

  private static ParleyProcess launchOn(
      int port, Path dataDir, Map<String, String> env, String options, List<String> arguments) {
    try {
      Files.createDirectories(LOGS);
      Path log = LOGS.resolve("parley-%d-%03d.log".formatted(OWN_PID, COUNT.incrementAndGet()));
      ProcessBuilder builder = new ProcessBuilder(LAUNCHER.toString());
      builder.command().addAll(arguments);
      builder.environment().keySet().removeIf(name -> name.startsWith("QUARKUS_"));
      builder.environment().put("PARLEY_JAVA_OPTS", QUICK_TO_START + " " + options);
      builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
      builder.environment().put("PARLEY_DATA_DIR", dataDir.toAbsolutePath().toString());
      // what is looked for in it is looked for by people
      builder.environment().put("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "false");
      builder.environment().putAll(env);
      builder.environment().values().removeIf(String::isEmpty);
      builder.redirectErrorStream(true).redirectOutput(log.toFile());
      return new ParleyProcess(builder.start(), dataDir, log, port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public URI baseUrl() {
    return URI.create("http://127.0.0.1:" + port);
  }

  public URI wsUrl() {
    return wsUrl("/ws");
  }

  /// Where a socket of this address is.
  public URI wsUrl(String address) {
    return URI.create("ws://127.0.0.1:" + port + address);
  }

  /// What it holds on to, seen from outside.
  public Vitals vitals() {
    return new Vitals(pid(), port);
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /// Everything it has printed so far.
  public String output() throws IOException {
    return Files.readString(log);
  }

  /// The status of a GET.
  public int status(String path) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(baseUrl().resolve(path)).build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  /// The exit code of a process that ends by itself.
  ///
  /// @throws IllegalStateException when it does not in time
  public int waitFor(Duration limit) {
    if (!awaitEnd(limit)) {
      throw new IllegalStateException("did not end within " + limit + ", see " + log);
    }
    return process.exitValue();
  }

  /// SIGKILL to this process and to no other: its PostgreSQL lives on, as it would.
  public void kill() {
    process.destroyForcibly();
    awaitEnd(STOP_LIMIT);
  }

  /// SIGTERM, without waiting for what comes of it.
  public void terminate() {
    process.destroy();
  }

  /// SIGTERM; gives the exit code.
  ///
  /// @throws IllegalStateException when it does not end in time; it is killed then
  public int stop() {
    process.destroy();
    if (!awaitEnd(STOP_LIMIT)) {
      kill();
      throw new IllegalStateException("did not stop within " + STOP_LIMIT + ", see " + log);
    }
    return process.exitValue();
  }

  /// Stops it if it runs.
  @Override
  public void close() {
    if (process.isAlive()) {
      int _ = stop();
    }
  }

  /// A connection to the database of a data directory whose PostgreSQL runs.
  public static Connection connectTo(Path dataDir) throws SQLException {
    try {
      List<String> pidFile =
          Files.readAllLines(dataDir.resolve("postgres").resolve("postmaster.pid"));
      return DriverManager.getConnection(
          "jdbc:postgresql://127.0.0.1:"
              + pidFile.get(POSTMASTER_PORT_LINE).strip()
              + "/"
              + EmbeddedDatabase.DATABASE,
          "parley",
          Files.readString(dataDir.resolve("postgres.password")).strip());
    } catch (IOException e) {
      throw new SQLException("no PostgreSQL runs in " + dataDir, e);
    }
  }

  /// Stops the PostgreSQL that killed processes have left behind in a data directory, if any.
  public static void stopDatabase(Path dataDir) {
    if (Files.exists(dataDir.resolve("postgres").resolve("postmaster.pid"))) {
      EmbeddedDatabase.open(dataDir).close();
    }
  }

  @Override
  public String toString() {
    return "pid " + process.pid() + " on " + dataDir + ", output in " + log;
  }

  /// Waits until it is ready.
  ///
  /// @throws IllegalStateException when it ends or does not become ready in time
  public void awaitReady() {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(baseUrl().resolve(READY)).timeout(Duration.ofSeconds(5)).build();
      Awaitility.await()
          .pollInterval(Duration.ofMillis(50))
          .atMost(READY_LIMIT)
          .until(() -> !process.isAlive() || isUp(http, request));
    } catch (ConditionTimeoutException e) {
      throw new IllegalStateException(
          "not ready within " + READY_LIMIT + ", see " + log + lastLines(), e);
    }
    if (!process.isAlive()) {
      throw new IllegalStateException(
          "ended with " + process.exitValue() + " before it was ready, see " + log + lastLines());
    }
  }

  /// A failure of a run whose files are gone has to say itself why.
  private String lastLines() {
    try {
      List<String> lines = Files.readAllLines(log);
      return lines.stream()
          .skip(Math.max(0, lines.size() - LINES_SHOWN))
          .collect(Collectors.joining("\n  ", ":\n  ", ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isUp(HttpClient http, HttpRequest request) throws InterruptedException {
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private boolean awaitEnd(Duration limit) {
    try {
      return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
