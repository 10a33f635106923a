package dev.parley.store;

import dev.parley.loop.EventLoop;
import dev.parley.store.json.UnreadableException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.VertxException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The pool of the reads and single-row changes, each bounded in time, its failures told apart:
/// away ([StoreUnavailableException]) or a defect (anything else).
public final class Database {
  /// Connection, resources, object in use, operator intervention, lost race: classes of SQLSTATE
  /// that say nothing against what was asked.
  private static final Set<String> AWAY = Set.of("08", "53", "55", "57", "40");

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

  /// A statement of maintenance, outside any transaction, that takes as long as it takes.
  Uni<Void> maintain(String sql) {
    return pool.query(sql).execute().replaceWithVoid().onFailure().transform(Database::understood);
  }

  /// How the statements of one transaction are carried out.
  interface Statements {
    /// The rows of one statement, bounded as [Database#query].
    Uni<RowSet<Row>> query(String sql, Tuple parameters);
  }

  /// Several statements that happen together or, when one of them fails, not at all. For what is
  /// rare: it keeps a connection to itself, and locks from one statement to the next.
  <T> Uni<T> transaction(Function<Statements, Uni<T>> work) {
    return pool.withTransaction(connection ->
            work.apply(
                (sql, parameters) -> bounded(connection.preparedQuery(sql).execute(parameters))))
        .onFailure()
        .transform(Database::understood);
  }

  <T> Uni<T> bounded(Uni<T> work) {
    return Deadline.of(work, timeout, loop).onFailure().transform(Database::understood);
  }

  /// The store is away when a cause of the failure says so: Hibernate and Vert.x wrap a lost
  /// connection in exceptions of their own. What was read and cannot be understood has been read.
  private static Throwable understood(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case UnreadableException unreadable -> {
          return unreadable;
        }
        case StoreUnavailableException away -> {
          return away;
        }
        case PgException told -> {
          return AWAY.contains(sqlClass(told))
              ? new StoreUnavailableException("SQLSTATE " + told.getSqlState(), null)
              : failure;
        }
        case IOException _, VertxException _, NoStackTraceThrowable _, TimeoutException _ -> {
          return new StoreUnavailableException(cause.getClass().getSimpleName(), cause);
        }
        default -> {}
      }
    }
    return failure;
  }

  private static String sqlClass(PgException told) {
    return told.getSqlState() == null ? "" : told.getSqlState().substring(0, 2);
  }
}
