package dev.parley.testing;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The unmodified public clients of `src/test/node`, run against a server.
public final class PublicClients {
  private static final Path FOLDER = Path.of("src", "test", "node").toAbsolutePath();
  private static final Path OUTPUT = Path.of("target", "node").toAbsolutePath();

  /// How curl ends when its time is over.
  private static final int CURL_TIME_OVER = 28;

  private PublicClients() {}

  /// Whether this machine has Node and its package manager.
  public static boolean areRunnable() {
    return canRun("node") && canRun("npm");
  }

  /// Whether this machine has that command.
  public static boolean canRun(String command) {
    try {
      return run(FOLDER, OUTPUT.resolve(command + ".log"), 20, List.of(command, "--version")) == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /// Runs one client's script until it ends, having installed what its lock file names.
  ///
  /// @param client its folder
  /// @param script the file to run
  /// @return what it printed
  /// @throws AssertionError with what it printed, when it does not end well
  public static String drive(String client, String script, URI baseUrl) throws IOException {
    Path folder = FOLDER.resolve(client);
    install(folder);
    return succeed(folder, client, 180, List.of("node", script, baseUrl.toString()));
  }

  /// What `curl -N` prints, until the server ends the answer or the time is over.
  public static String curl(int seconds, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("curl", "-sN", "--max-time", "" + seconds));
    command.addAll(List.of(arguments));
    Path log = OUTPUT.resolve("curl.log");
    int code = run(FOLDER, log, seconds + 10, command);
    if (code != 0 && code != CURL_TIME_OVER) {
      throw new AssertionError(String.join(" ", command) + " ended with " + code);
    }
    return Files.readString(log);
  }

  /// `npm ci`, unless what is there is what the lock file says.
  private static void install(Path folder) throws IOException {
    Path lock = folder.resolve("package-lock.json");
    Path installed = folder.resolve("node_modules").resolve(".installed-lock.json");
    if (!Files.exists(installed) || Files.mismatch(lock, installed) >= 0) {
      succeed(folder, folder.getFileName() + "-install", 300, List.of("npm", "ci"));
      Files.copy(lock, installed);
    }
  }

  private static String succeed(Path folder, String name, int seconds, List<String> command)
      throws IOException {
    Path log = OUTPUT.resolve(name + ".log");
    int code = run(folder, log, seconds, command);
    String printed = Files.readString(log);
    if (code != 0) {
      throw new AssertionError(String.join(" ", command) + " ended with " + code + "\n" + printed);
    }
    return printed;
  }

  private static int run(Path folder, Path log, int seconds, List<String> command)
      throws IOException {
    Files.createDirectories(OUTPUT);
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      if (process.waitFor(seconds, TimeUnit.SECONDS)) {
        return process.exitValue();
      }
      return -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
