package dev.parley.bench.suite;

import dev.parley.app.embedded.EmbeddedDatabase;
import dev.parley.bench.Server;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.Vitals;
import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// One server under measurement, a process of its own, with what it uses: CPU time, memory, bytes
/// written.
final class Subject implements AutoCloseable {
  static final Path PARLEY = Path.of("target", "quarkus-app", "quarkus-run.jar");
  static final Path BASELINES =
      Path.of("src", "bench", "baselines", "target", "quarkus-app", "quarkus-run.jar");

  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final long POLL_NANOS = 100_000_000;
  private static final int POSTMASTER_PORT_LINE = 3;
  private static final String USER = "parley";

  /// Fields of `/proc/PID/stat` behind the name: user and system time, and those of children that
  /// have ended.
  private static final int[] STAT_OWN_TIMES = {11, 12};

  private static final int[] STAT_CHILD_TIMES = {13, 14};

  /// Linux tells times in these on every machine.
  private static final double TICKS_PER_SECOND = 100;

  private final Process process;
  private final Path dataDir;
  private boolean ownsDatabase;
  private final Server server;
  private final Vitals vitals;

  private Subject(Process process, Path dataDir, boolean ownsDatabase, int port)
      throws IOException {
    this.process = process;
    this.dataDir = dataDir;
    this.ownsDatabase = ownsDatabase;
    this.server = new Server(port, jdbcUrl(dataDir), USER, password(dataDir));
    this.vitals = new Vitals(process.pid(), port);
  }

  /// What a server has used since it began, or since another moment; memory is what it has now.
  ///
  /// @param serverCpu seconds of its process
  /// @param postgresCpu seconds of all processes of its database
  /// @param rssBytes its resident memory now
  /// @param walBytes position in the write-ahead log
  /// @param tableBytes all tables with their indexes
  record Used(double serverCpu, double postgresCpu, long rssBytes, long walBytes, long tableBytes) {
    Used since(Used before) {
      return new Used(
          serverCpu - before.serverCpu,
          postgresCpu - before.postgresCpu,
          rssBytes,
          walBytes - before.walBytes,
          tableBytes - before.tableBytes);
    }
  }

  /// Starts the packaged Parley with a database of its own, in a folder that goes when it is
  /// closed.
  ///
  /// @param options of the JVM
  /// @param settings environment variables
  static Subject parley(List<String> options, Map<String, String> settings)
      throws IOException, InterruptedException {
    Path dataDir = Files.createTempDirectory("parley-bench");
    int port = ParleyProcess.freePort();
    Process process = launch(PARLEY, dataDir, port, options, settings);
    await(process, port, "/q/health/ready");
    return new Subject(process, dataDir, true, port);
  }

  /// Ends this server and starts another on its database, which is then that one's.
  Subject successor(List<String> options, Map<String, String> settings)
      throws IOException, InterruptedException {
    ownsDatabase = false;
    close();
    int port = ParleyProcess.freePort();
    Process next = launch(PARLEY, dataDir, port, options, settings);
    await(next, port, "/q/health/ready");
    return new Subject(next, dataDir, true, port);
  }

  /// Starts the baselines on the database of a Parley that runs.
  static Subject baselines(Subject host, List<String> options)
      throws IOException, InterruptedException {
    int port = ParleyProcess.freePort();
    Process process =
        launch(
            BASELINES,
            host.dataDir,
            port,
            options,
            Map.of(
                "QUARKUS_DATASOURCE_REACTIVE_URL",
                jdbcUrl(host.dataDir).substring("jdbc:".length()),
                "QUARKUS_DATASOURCE_USERNAME",
                USER,
                "QUARKUS_DATASOURCE_PASSWORD",
                password(host.dataDir)));
    await(process, port, "/");
    return new Subject(process, host.dataDir, false, port);
  }

  private static Process launch(
      Path jar, Path dataDir, int port, List<String> options, Map<String, String> settings)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-jar", jar.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(settings);
    builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
    builder.environment().put("PARLEY_DATA_DIR", dataDir.toString());
    File log =
        Path.of("target", jar.equals(PARLEY) ? "bench-parley.log" : "bench-baselines.log").toFile();
    return builder.redirectErrorStream(true).redirectOutput(log).start();
  }

  private static void await(Process process, int port, String path)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (!answers(port, path)) {
      if (!process.isAlive() || System.nanoTime() > end) {
        process.destroyForcibly().waitFor();
        throw new IOException("the server did not start: see its log in target/");
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private static boolean answers(int port, String path) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
      return connection.getResponseCode() < 500;
    } catch (IOException e) {
      return false;
    }
  }

  private static String jdbcUrl(Path dataDir) throws IOException {
    String port =
        Files.readAllLines(dataDir.resolve("postgres").resolve("postmaster.pid"))
            .get(POSTMASTER_PORT_LINE)
            .strip();
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + EmbeddedDatabase.DATABASE;
  }

  private static String password(Path dataDir) throws IOException {
    return Files.readString(dataDir.resolve("postgres.password")).strip();
  }

  Server server() {
    return server;
  }

  Vitals vitals() {
    return vitals;
  }

  Used used() throws IOException, SQLException {
    long rssBytes =
        Files.readAllLines(proc(process.pid()).resolve("status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
            .findFirst()
            .orElseThrow();
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn,
                       (SELECT sum(pg_total_relation_size(c.oid))
                          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                         WHERE n.nspname = 'public' AND c.relkind = 'r')
                """)) {
      row.next();
      return new Used(
          cpu(process.pid(), false), postgresCpu(), rssBytes, row.getLong(1), row.getLong(2));
    }
  }

  private double postgresCpu() throws IOException {
    long postmaster =
        Long.parseLong(
            Files.readAllLines(dataDir.resolve("postgres").resolve("postmaster.pid"))
                .getFirst()
                .strip());
    double seconds = cpu(postmaster, true);
    try (Stream<ProcessHandle> children =
        ProcessHandle.of(postmaster).map(ProcessHandle::children).orElse(Stream.empty())) {
      for (ProcessHandle child : children.toList()) {
        if (Files.exists(proc(child.pid()))) {
          seconds += cpu(child.pid(), false);
        }
      }
    }
    return seconds;
  }

  private static double cpu(long pid, boolean withEnded) throws IOException {
    String stat = Files.readString(proc(pid).resolve("stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    double ticks = 0;
    for (int field : STAT_OWN_TIMES) {
      ticks += Double.parseDouble(fields[field]);
    }
    if (withEnded) {
      for (int field : STAT_CHILD_TIMES) {
        ticks += Double.parseDouble(fields[field]);
      }
    }
    return ticks / TICKS_PER_SECOND;
  }

  private static Path proc(long pid) {
    return Path.of("/proc", Long.toString(pid));
  }

  @Override
  public void close() throws IOException {
    server.close();
    process.destroy();
    try {
      process.onExit().get(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      process.destroyForcibly().onExit().join();
    }
    if (ownsDatabase) {
      ParleyProcess.stopDatabase(dataDir);
      try (Stream<Path> paths = Files.walk(dataDir)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
