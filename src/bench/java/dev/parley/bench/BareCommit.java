package dev.parley.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// One single-row insert after the other with a pause between, beside the load: what the least
/// durable write costs at this moment, in nanoseconds.
public final class BareCommit implements AutoCloseable {
  private static final long PAUSE_NANOS = 5_000_000;

  /// Inserts that are not counted: the first ones prepare statements and caches.
  private static final int WARM_UP = 20;

  private final Histogram cost = new ConcurrentHistogram(3);
  private final Connection connection;
  private final Thread thread;
  private volatile boolean running = true;

  public BareCommit(String jdbcUrl, String user, String password) throws SQLException {
    connection = DriverManager.getConnection(jdbcUrl, user, password);
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE IF NOT EXISTS bench_bare_commit (id bigint, payload text)");
    }
    thread = new Thread(this::measure, "bare-commit");
  }

  public void start() {
    thread.start();
  }

  public Histogram stop() throws InterruptedException {
    running = false;
    thread.join();
    return cost;
  }

  private void measure() {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO bench_bare_commit VALUES (?, ?)")) {
      for (long id = 0; running; id++) {
        insert.setLong(1, id);
        insert.setString(2, "a token of an answer");
        long start = System.nanoTime();
        insert.executeUpdate();
        if (id > WARM_UP) {
          cost.recordValue(System.nanoTime() - start);
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE bench_bare_commit");
    }
    connection.close();
  }
}
