package dev.parley.store;

import dev.parley.app.TestLoops;
import dev.parley.loop.EventLoop;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/// The database of the application under test: a lane of the test's own, and a way past everything
/// that is under test.
final class PostgresAccess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String jdbcUrl;
  private final String user;
  private final String password;
  private final Connection connection;
  private final EventLoop loop;
  private final PostgresLane lane;

  PostgresAccess(Vertx vertx) {
    Config config = ConfigProvider.getConfig();
    jdbcUrl = config.getValue("quarkus.datasource.jdbc.url", String.class);
    user = config.getValue("quarkus.datasource.username", String.class);
    password = config.getValue("quarkus.datasource.password", String.class);
    connection = anotherConnection();
    loop = TestLoops.make(vertx);
    lane =
        new PostgresLane(
            new io.vertx.mutiny.core.Vertx(vertx),
            PgConnectOptions.fromUri(
                    config.getValue("quarkus.datasource.reactive.url", String.class))
                .setUser(user)
                .setPassword(password),
            loop,
            new PostgresLane.Settings(Duration.ofSeconds(5), Duration.ofHours(24)));
  }

  EventLoop loop() {
    return loop;
  }

  CommitLane lane() {
    return lane;
  }

  Connection connection() {
    return connection;
  }

  /// One that the caller closes.
  Connection anotherConnection() {
    try {
      return DriverManager.getConnection(jdbcUrl, user, password);
    } catch (SQLException e) {
      throw new AssertionError("cannot reach the database", e);
    }
  }

  <T> T outcome(Uni<T> uni) {
    return uni.await().atMost(PATIENCE);
  }

  Tables tables(long sid) {
    try {
      return PostgresTables.read(connection, sid);
    } catch (SQLException e) {
      throw new AssertionError("cannot read the tables", e);
    }
  }

  /// The first column of the rows, as text.
  List<String> texts(String sql) {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> texts = new ArrayList<>();
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
      return texts;
    } catch (SQLException e) {
      throw new AssertionError("cannot read", e);
    }
  }

  long number(String sql) {
    return Long.parseLong(texts(sql).getFirst());
  }

  void execute(String sql) {
    try (Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError("cannot execute", e);
    }
  }

  @Override
  public void close() {
    var _ = outcome(lane.close().replaceWith(0));
    try {
      connection.close();
    } catch (SQLException e) {
      throw new AssertionError("cannot close the connection", e);
    }
  }
}
