package dev.parley.cluster;

import dev.parley.loop.EventLoop;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.pgclient.PgConnection;
import io.vertx.pgclient.PgConnectOptions;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The one node of a database: a session lock of PostgreSQL on a connection of its own. The lock
/// ends with the connection, so a process that dies leaves nothing behind.
public final class NodeLock {
  private static final Logger LOG = Logger.getLogger(NodeLock.class);

  /// "parley" in ASCII: the number that all nodes of one database compete for.
  private static final long LOCK = 0x7061726c6579L;

  private final Vertx vertx;
  private final PgConnectOptions options;
  private final EventLoop loop;
  private final Settings settings;
  private final Runnable lost;
  private @Nullable PgConnection connection;
  private boolean released;

  /// @param waitMax how long a start waits for a predecessor that is just going
  /// @param retryPause between two attempts
  public record Settings(Duration waitMax, Duration retryPause) {}

  /// @param options a direct way to the database, not through a pooler that shares connections
  /// @param lost called when another node took the lock while the connection was away
  public NodeLock(
      Vertx vertx, PgConnectOptions options, EventLoop loop, Settings settings, Runnable lost) {
    this.vertx = vertx;
    this.loop = loop;
    this.settings = settings;
    this.lost = lost;
    this.options =
        new PgConnectOptions(options)
            .setMetricsName("node")
            .setProperties(Map.of("application_name", "parley-node"));
  }

  /// Takes the lock.
  ///
  /// @return whether it is ours: `false` means that another live node has it. Fails when the
  ///   database cannot be reached
  public Uni<Boolean> acquire() {
    return Uni.createFrom()
        .emitter(emitter ->
            loop.execute(() ->
                attempt(
                    loop.nanoTime() + settings.waitMax().toNanos(),
                    emitter::complete,
                    emitter::fail)));
  }

  /// Gives the lock back. Twice is fine.
  public Uni<Void> release() {
    released = true;
    PgConnection held = connection;
    connection = null;
    return held == null ? Uni.createFrom().voidItem() : held.close();
  }

  private void attempt(long deadlineNanos, Consumer<Boolean> answer, Consumer<Throwable> failure) {
    PgConnection.connect(vertx, options)
        .flatMap(opened ->
            opened
                .query("SELECT pg_try_advisory_lock(" + LOCK + ")")
                .execute()
                .map(rows -> rows.iterator().next().getBoolean(0))
                .flatMap(taken ->
                    taken
                        ? Uni.createFrom().item(opened)
                        : opened.close().replaceWith((PgConnection) null)))
        .subscribe()
        .with(
            opened ->
                loop.execute(() -> {
                  if (opened != null) {
                    hold(opened);
                    answer.accept(true);
                  } else if (loop.nanoTime() - deadlineNanos >= 0) {
                    answer.accept(false);
                  } else {
                    EventLoop.Timer _ =
                        loop.schedule(
                            settings.retryPause(), () -> attempt(deadlineNanos, answer, failure));
                  }
                }),
            problem -> loop.execute(() -> failure.accept(problem)));
  }

  private void hold(PgConnection held) {
    connection = held;
    held.closeHandler(() ->
        loop.execute(() -> {
          if (!released && held.equals(connection)) {
            connection = null;
            LOG.warn("The connection of the node lock is gone, taking the lock again");
            again();
          }
        }));
  }

  /// The database went away and the lock with it: take it again as soon as it is back. Another node
  /// that was faster is the one node now.
  private void again() {
    if (released) {
      return;
    }
    attempt(
        loop.nanoTime() + settings.waitMax().toNanos(),
        taken -> {
          if (taken) {
            LOG.info("The node lock is held again");
          } else {
            lost.run();
          }
        },
        failure -> {
          EventLoop.Timer _ = loop.schedule(settings.retryPause(), this::again);
        });
  }
}
