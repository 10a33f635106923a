package dev.parley.store;

import dev.parley.loop.EventLoop;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;
import java.time.Duration;

/// The pool of the reads and single-row changes, each bounded in time, its failures told apart:
/// away ([StoreUnavailableException]) or a defect (anything else).
public final class Database {
  private final Pool pool;
  private final EventLoop loop;
  private final Duration timeout;

  /// @param loop for the timers of the limits
  /// @param timeout of one statement, the wait for a connection included
  public Database(Pool pool, EventLoop loop, Duration timeout) {
    this.pool = pool;
    this.loop = loop;
    this.timeout = timeout;
  }

  /// The rows of one statement.
  public Uni<RowSet<Row>> query(String sql, Tuple parameters) {
    return bounded(pool.preparedQuery(sql).execute(parameters));
  }

  <T> Uni<T> bounded(Uni<T> work) {
    return Deadline.of(work, timeout, loop).onFailure().transform(Database::understood);
  }

  private static Throwable understood(Throwable failure) {
    if (failure instanceof PgException refused && refused.getSqlState() != null) {
      return switch (refused.getSqlState().substring(0, 2)) {
        case "08", "53", "55", "57", "40" ->
            new StoreUnavailableException("SQLSTATE " + refused.getSqlState(), failure);
        default -> failure;
      };
    }
    if (failure instanceof RuntimeException) {
      return failure instanceof StoreUnavailableException ? failure : understoodByCause(failure);
    }
    return new StoreUnavailableException(failure.toString(), failure);
  }

  /// Vert.x reports a lost connection as several kinds of exception, all of `java.io` or its own.
  private static Throwable understoodByCause(Throwable failure) {
    String kind = failure.getClass().getName();
    return kind.startsWith("io.vertx.") || failure.getCause() instanceof java.io.IOException
        ? new StoreUnavailableException(failure.toString(), failure)
        : failure;
  }
}
