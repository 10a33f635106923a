package dev.parley.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/// An empty database of a test's own, on the PostgreSQL that the test JVM shares.
public record TestDatabase(
    String name, String jdbcUrl, String reactiveUrl, String user, String password) {
  private static final AtomicInteger COUNT = new AtomicInteger();

  /// Creates one; it goes away with the server at the end of the JVM.
  public static TestDatabase create() {
    TestServer server = TestServer.get();
    // Two class loaders count separately: the time tells their databases apart.
    String name = "test_" + Long.toString(System.nanoTime(), 36) + "_" + COUNT.incrementAndGet();
    try (Connection connection =
            DriverManager.getConnection(
                jdbcUrl(server, "postgres"), server.user(), server.password());
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    } catch (SQLException e) {
      throw new IllegalStateException("cannot create a test database", e);
    }
    return new TestDatabase(
        name,
        jdbcUrl(server, name),
        "postgresql://127.0.0.1:" + server.port() + "/" + name,
        server.user(),
        server.password());
  }

  /// A blocking connection, for looking at what the code under test did.
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl, user, password);
  }

  private static String jdbcUrl(TestServer server, String database) {
    return "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + database;
  }
}
