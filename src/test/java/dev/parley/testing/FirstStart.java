package dev.parley.testing;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The first start of a build, and what it spares the others: it unpacks PostgreSQL, makes a
/// cluster and its tables, and leaves its data directory and the JVM's cache of the classes that it
/// loaded. With copies of them a start takes a third of the processor's time.
final class FirstStart {
  private static final Path DIR = Path.of("target", "first-start").toAbsolutePath();
  private static final Path DATA = DIR.resolve("data");
  private static final Path CACHE = DIR.resolve("classes.aot");

  /// A cache that `deploy/train` has made, and `deploy/parley` uses by itself.
  private static final Path TRAINED = Path.of("target", "quarkus-app", "app.aot");

  /// There when all is made.
  private static final Path MADE = DIR.resolve("made");

  /// Writing the cache takes longer than a stop.
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private FirstStart() {}

  /// Starts the application in a data directory, with options for its JVM.
  interface Launch {
    ParleyProcess launch(Path dataDir, String options);
  }

  /// Makes all that is not there, or is of another build. Tests run in several processes: one of
  /// them makes it, and the others wait.
  static synchronized void make(Path jar, Launch launch) throws IOException {
    Files.createDirectories(DIR.getParent());
    try (FileChannel file =
            FileChannel.open(
                DIR.resolveSibling("first-start.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock _ = file.lock()) {
      if (Files.exists(MADE)
          && Files.getLastModifiedTime(MADE).compareTo(Files.getLastModifiedTime(jar)) > 0) {
        return;
      }
      if (Files.exists(DIR)) {
        TestServer.delete(DIR);
      }
      Files.createDirectories(DIR);
      try (ParleyProcess parley = launch.launch(DATA, training())) {
        parley.awaitReady();
        parley.terminate();
        int exit = parley.waitFor(LIMIT);
        if (exit != 0 || !(Files.exists(CACHE) || Files.exists(TRAINED))) {
          throw new IllegalStateException("the first start ended with " + exit + ": " + parley);
        }
      }
      Files.createFile(MADE);
    }
  }

  /// What lets a JVM use the cache. What it cannot use it passes over, without a word in the output
  /// that tests read.
  static String options() {
    String quiet = "-Xlog:aot*=error";
    return Files.exists(TRAINED) ? quiet : quiet + " -XX:AOTCache=" + CACHE;
  }

  private static String training() {
    return Files.exists(TRAINED) ? "" : "-XX:AOTCacheOutput=" + CACHE;
  }

  /// Gives a data directory that has none a cluster of its own, and the unpacked programs.
  static void seed(Path dataDir) throws IOException {
    if (Files.exists(dataDir.resolve("postgres"))) {
      return;
    }
    Files.createDirectories(dataDir);
    try (DirectoryStream<Path> programs = Files.newDirectoryStream(DATA, "pg-*")) {
      for (Path folder : programs) {
        Path link = dataDir.resolve(folder.getFileName());
        if (!Files.exists(link)) {
          Files.createSymbolicLink(link, folder);
        }
      }
    }
    for (String name : List.of("postgres.password", "postgres")) {
      copy(DATA.resolve(name), dataDir);
    }
  }

  /// With its rights: PostgreSQL refuses a folder that others may read.
  private static void copy(Path from, Path into) throws IOException {
    Process copying =
        new ProcessBuilder("cp", "-a", from.toString(), into.toString()).inheritIO().start();
    try {
      if (!copying.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) || copying.exitValue() != 0) {
        throw new IOException("could not copy " + from);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
