package dev.parley.testing;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/// The unmodified public clients of `src/test/node`, run against a server.
public final class PublicClients {
  private static final Path FOLDER = Path.of("src", "test", "node").toAbsolutePath();
  private static final Path OUTPUT = Path.of("target", "node").toAbsolutePath();

  /// How curl ends when its time is over.
  private static final int CURL_TIME_OVER = 28;

  /// Of one script; an installation takes long too.
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static final AtomicInteger COUNT = new AtomicInteger();

  /// Tests run in several processes, which write into one folder.
  private static final long OWN_PID = ProcessHandle.current().pid();

  private PublicClients() {}

  /// Whether this machine has Node and its package manager.
  public static boolean areRunnable() {
    return canRun("node") && canRun("npm");
  }

  /// Whether this machine has that command.
  public static boolean canRun(String command) {
    try {
      Process process = start(FOLDER, log(command), List.of(command, "--version")).process;
      return awaitEnd(process, LIMIT) == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /// A client's script that runs.
  public static final class Running {
    private final Process process;
    private final List<String> command;
    private final Path log;

    private Running(Process process, List<String> command, Path log) {
      this.process = process;
      this.command = command;
      this.log = log;
    }

    /// Waits until it has printed this.
    ///
    /// @throws AssertionError with what it printed, when it ends before or does not do so in time
    public void awaitPrinted(String text) throws IOException {
      try {
        Awaitility.await()
            .pollInterval(Duration.ofMillis(20))
            .atMost(LIMIT)
            .until(() -> !process.isAlive() || Files.readString(log).contains(text));
      } catch (ConditionTimeoutException e) {
        kill(process);
      }
      if (!Files.readString(log).contains(text)) {
        throw failed(process.isAlive() ? -1 : process.exitValue());
      }
    }

    /// Waits until it ends.
    ///
    /// @return what it printed
    /// @throws AssertionError with that, when it does not end well
    public String finish() throws IOException {
      int code = awaitEnd(process, LIMIT);
      if (code != 0) {
        throw failed(code);
      }
      return Files.readString(log);
    }

    private AssertionError failed(int code) throws IOException {
      return new AssertionError(
          String.join(" ", command) + " ended with " + code + "\n" + Files.readString(log));
    }
  }

  /// Starts one client's script, having installed what its lock file names.
  ///
  /// @param client its folder
  /// @param script the file to run
  public static Running start(String client, String script, String... arguments)
      throws IOException {
    Path folder = FOLDER.resolve(client);
    install(folder);
    List<String> command = new ArrayList<>(List.of("node", script));
    command.addAll(List.of(arguments));
    return start(folder, log(client), command);
  }

  /// Runs one client's script until it ends.
  ///
  /// @return what it printed
  /// @throws AssertionError with what it printed, when it does not end well
  public static String drive(String client, String script, URI baseUrl) throws IOException {
    return start(client, script, baseUrl.toString()).finish();
  }

  /// What `curl -N` prints, until the server ends the answer or the time is over.
  public static String curl(int seconds, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("curl", "-sN", "--max-time", "" + seconds));
    command.addAll(List.of(arguments));
    Path log = log("curl");
    int code = awaitEnd(start(FOLDER, log, command).process, Duration.ofSeconds(seconds + 10));
    if (code != 0 && code != CURL_TIME_OVER) {
      throw new AssertionError(String.join(" ", command) + " ended with " + code);
    }
    return Files.readString(log);
  }

  /// The folder of a client, with what its lock file names.
  ///
  /// @throws AssertionError with what `npm ci` printed, when it does not end well
  public static Path installed(String client) throws IOException {
    Path folder = FOLDER.resolve(client);
    install(folder);
    return folder;
  }

  /// `npm ci`, unless what is there is what the lock file says.
  private static void install(Path folder) throws IOException {
    Path lock = folder.resolve("package-lock.json");
    Path installed = folder.resolve("node_modules").resolve(".installed-lock.json");
    if (!Files.exists(installed) || Files.mismatch(lock, installed) >= 0) {
      String _ =
          start(folder, log(folder.getFileName() + "-install"), List.of("npm", "ci")).finish();
      Files.copy(lock, installed);
    }
  }

  private static Path log(String name) {
    return OUTPUT.resolve("%s-%d-%03d.log".formatted(name, OWN_PID, COUNT.incrementAndGet()));
  }

  private static Running start(Path folder, Path log, List<String> command) throws IOException {
    Files.createDirectories(OUTPUT);
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    return new Running(process, command, log);
  }

  private static int awaitEnd(Process process, Duration limit) {
    try {
      return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS) ? process.exitValue() : -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    } finally {
      kill(process);
    }
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
