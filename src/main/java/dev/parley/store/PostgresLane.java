package dev.parley.store;

import dev.parley.log.Failures;
import dev.parley.loop.EventLoop;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.pgclient.PgConnection;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A lane with one PostgreSQL connection of its own, outside every pool: the commit path waits for
/// no cold read. A connection whose statement has no known outcome is thrown away, and the next
/// batch opens another.
public final class PostgresLane implements CommitLane {
  private static final Logger LOG = Logger.getLogger(PostgresLane.class);

  private final Vertx vertx;
  private final PgConnectOptions options;
  private final EventLoop loop;
  private final Settings settings;
  private @Nullable PgConnection connection;

  /// @param timeout how long the server may take for one batch; it gives up by itself at this, and
  ///   the client shortly after
  /// @param effectsExpireAfter how long after its commit an effect may be tried
  public record Settings(Duration timeout, Duration effectsExpireAfter) {}

  /// @param options where the database is; shared with nobody
  /// @param loop the journal's loop: the lane is called on it
  public PostgresLane(Vertx vertx, PgConnectOptions options, EventLoop loop, Settings settings) {
    this.vertx = vertx;
    this.loop = loop;
    this.settings = settings;
    String millis = Long.toString(settings.timeout().toMillis());
    this.options =
        new PgConnectOptions(options)
            .setCachePreparedStatements(true)
            // The client's own limit of 2 048 characters leaves out the very statement that takes
            // longest to plan.
            .setPreparedStatementCacheSqlFilter(_ -> true)
            .setMetricsName("journal")
            .setConnectTimeout((int) settings.timeout().toMillis())
            // The plan must find heads by their key whatever the statistics of a young database
            // say, and must not be made again for every batch.
            .setProperties(
                Map.of(
                    "application_name", "parley-journal",
                    "statement_timeout", millis,
                    "lock_timeout", millis,
                    "plan_cache_mode", "force_generic_plan",
                    "enable_seqscan", "off"));
  }

  @Override
  public Uni<Set<Long>> commit(List<PreparedAppend> batch) {
    CommitStatement statement = new CommitStatement(batch, settings.effectsExpireAfter());
    Uni<Set<Long>> applied =
        connection()
            .onItem()
            .transformToUni(c -> c.preparedQuery(statement.sql()).execute(statement.parameters()))
            .onItem()
            .transform(PostgresLane::sids);
    // The server's own limit comes first: with its answer the connection can stay.
    return Deadline.of(applied, settings.timeout().plusSeconds(1), loop)
        .onFailure()
        .transform(this::understood);
  }

  /// Closes the connection; the next batch would open another.
  public Uni<Void> close() {
    PgConnection open = connection;
    connection = null;
    return open == null ? Uni.createFrom().voidItem() : open.close();
  }

  private Uni<PgConnection> connection() {
    PgConnection open = connection;
    if (open != null) {
      return Uni.createFrom().item(open);
    }
    return PgConnection.connect(vertx, options)
        .invoke(opened -> {
          PgConnection faster = connection;
          if (faster != null) {
            // One that was given up for late came all the same.
            discard(faster);
          }
          connection = opened;
          opened.closeHandler(() ->
              loop.execute(() -> {
                if (opened.equals(connection)) {
                  connection = null;
                }
              }));
        });
  }

  private Throwable understood(Throwable failure) {
    if (failure instanceof PgException refused && refused.getSqlState() != null) {
      String sqlState = refused.getSqlState();
      switch (sqlState.substring(0, 2)) {
        case "22", "23", "54" -> {
          return new CommitFailure(CommitFailure.Remedy.BISECT, sqlState);
        }
        case "40" -> {
          return new CommitFailure(CommitFailure.Remedy.RETRY, sqlState);
        }
        default -> {}
      }
    }
    PgConnection doubtful = connection;
    connection = null;
    if (doubtful != null) {
      discard(doubtful);
    }
    // The server's own words may quote what it was given: the code says enough.
    return failure instanceof PgException told
        ? new StoreUnavailableException("SQLSTATE " + told.getSqlState(), null)
        : failure;
  }

  private static void discard(PgConnection connection) {
    connection
        .close()
        .subscribe()
        .with(
            _ -> {}, e -> LOG.debugf("A connection in doubt did not close: %s", Failures.named(e)));
  }

  private static Set<Long> sids(RowSet<Row> rows) {
    Set<Long> sids = new HashSet<>();
    rows.forEach(row -> sids.add(row.getLong(0)));
    return sids;
  }
}
