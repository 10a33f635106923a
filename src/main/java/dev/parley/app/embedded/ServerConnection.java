package dev.parley.app.embedded;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.Driver;

/// How to reach the server that listens on a port of this machine.
record ServerConnection(int port, String password) {
  static final String HOST = "127.0.0.1";
  static final String USER = "parley";

  /// Of a question that any server answers at once.
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

  /// Copies a template and waits for the disk, beside whatever else the machine starts.
  private static final Duration CREATE_LIMIT = Duration.ofMinutes(1);

  Connection open(String database) throws SQLException {
    return open(database, ANSWER_LIMIT);
  }

  private Connection open(String database, Duration limit) throws SQLException {
    String seconds = Long.toString(limit.toSeconds());
    Properties properties = new Properties();
    properties.setProperty("user", USER);
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", seconds);
    properties.setProperty("socketTimeout", seconds);
    properties.setProperty("ApplicationName", "parley-embedded");
    Connection connection = new Driver().connect(jdbcUrl(database), properties);
    if (connection == null) {
      throw new SQLException("the driver refuses its own address");
    }
    return connection;
  }

  String jdbcUrl(String database) {
    return "jdbc:postgresql://" + HOST + ":" + port + "/" + database;
  }

  String reactiveUrl(String database) {
    return "postgresql://" + HOST + ":" + port + "/" + database;
  }

  String dataDirectory() throws SQLException {
    return single("postgres", "SHOW data_directory");
  }

  /// Clients that are connected now, this question's own connection left out.
  int otherClients() throws SQLException {
    return Integer.parseInt(
        single(
            "postgres",
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
            """));
  }

  void createDatabaseIfMissing(String name) throws SQLException {
    try (Connection connection = open("postgres", CREATE_LIMIT);
        Statement statement = connection.createStatement()) {
      boolean exists;
      try (ResultSet found =
          statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + name + "'")) {
        exists = found.next();
      }
      if (!exists) {
        statement.execute("CREATE DATABASE \"" + name + "\"");
      }
    }
  }

  private String single(String database, String sql) throws SQLException {
    try (Connection connection = open(database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
