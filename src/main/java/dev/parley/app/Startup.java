package dev.parley.app;

import dev.parley.actor.SessionHub;
import dev.parley.cluster.NodeLock;
import dev.parley.effect.EffectRunner;
import dev.parley.effect.discrete.BacklogWatch;
import dev.parley.effect.discrete.DiscreteEffects;
import dev.parley.effect.watch.SessionWatches;
import dev.parley.log.Failures;
import dev.parley.loop.EventLoop;
import dev.parley.retention.RetentionRunner;
import dev.parley.store.Database;
import dev.parley.store.StoreUnavailableException;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.annotations.CommandLineArguments;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.flywaydb.core.Flyway;
import org.jboss.logging.Logger;

/// The order of a start: let no strangers in, trust the server, be the only node, bring the schema
/// up, deliver, take up what was left. The HTTP port opens after that. A stop goes the other way. A
/// command is started the same, up to the schema, and neither delivers nor takes up anything.
@ApplicationScoped
class Startup {
  private static final Logger LOG = Logger.getLogger(Startup.class);

  /// How long one step of a stop may take.
  private static final Duration STOP_MAX = Duration.ofSeconds(5);

  /// Between two attempts to reach the database.
  private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);

  private final ParleyConfig config;
  private final AccessCheck access;
  private final EventLoop background;
  private final Database database;
  private final NodeLock lock;
  private final Flyway flyway;
  private final EffectRunner runner;
  private final SessionWatches watches;
  private final DiscreteEffects effects;
  private final SessionHub hub;
  private final RetentionRunner retention;
  private final Shutdown shutdown;
  private final BacklogWatch backlog;
  private final Task task;
  private volatile boolean through;

  Startup(
      ParleyConfig config,
      AccessCheck access,
      EventLoop background,
      Database database,
      NodeLock lock,
      Flyway flyway,
      EffectRunner runner,
      SessionWatches watches,
      DiscreteEffects effects,
      SessionHub hub,
      RetentionRunner retention,
      Shutdown shutdown,
      BacklogWatch backlog,
      @CommandLineArguments String[] args) {
    this.config = config;
    this.access = access;
    this.background = background;
    this.database = database;
    this.lock = lock;
    this.flyway = flyway;
    this.runner = runner;
    this.watches = watches;
    this.effects = effects;
    this.hub = hub;
    this.retention = retention;
    this.shutdown = shutdown;
    this.backlog = backlog;
    this.task = Task.of(args);
  }

  void start(@Observes StartupEvent event) {
    UnheardFailures.listen();
    if (task instanceof Task.Serve) {
      access.check();
    }
    trustServer();
    beTheOnlyNode();
    int migrations = flyway.migrate().migrationsExecuted;
    LOG.infof(
        "The schema is at version %s, %d migrations were applied",
        flyway.info().current().getVersion(), migrations);
    switch (task) {
      case Task.Serve _ -> serve();
      case Task.Rebuild _, Task.RenewIncarnations _ -> {}
    }
  }

  private void serve() {
    runner.start();
    watches.start();
    effects.start();
    hub.start(background);
    retention.start();
    shutdown.listen();
    backlog.start();
    through = true;
    LOG.info("The start is through");
  }

  /// Whether everything runs that is to run.
  boolean isThrough() {
    return through;
  }

  /// A step that fails is told and does not keep the others from being taken.
  void stop(@Observes ShutdownEvent event) {
    backlog.stop();
    retention.stop();
    // A commit under way ends, or is given up, within its time.
    take("sessions", hub.drain(), config.journal().timeout().plus(STOP_MAX));
    // Bounded by its own setting.
    take("effects", effects.stop(), config.effects().stopWait().plus(STOP_MAX));
    runner.stop();
    watches.stop();
    take("the node's lock", lock.release(), STOP_MAX);
  }

  private static void take(String what, Uni<Void> step, Duration max) {
    try {
      step.await().atMost(max);
    } catch (RuntimeException failure) {
      LOG.warnf(
          Failures.withoutMessages(failure),
          "Stopping goes on without %s, which did not end within %s",
          what,
          max);
    }
  }

  private void trustServer() {
    List<String> lies = lies();
    if (lies.isEmpty()) {
      return;
    }
    if (!config.database().allowUnsafe()) {
      throw new StartRefusedException(
          "The database runs with "
              + String.join(", ", lies)
              + " and would lose what it has confirmed. Set parley.database.allow-unsafe=true to run"
              + " on it all the same.");
    }
    LOG.warnf("The database runs with %s: what is shown may be lost", String.join(", ", lies));
  }

  /// The database may be starting beside this node.
  private List<String> lies() {
    Duration wait = config.node().startWait();
    long deadlineNanos = background.nanoTime() + wait.toNanos();
    try {
      return DurabilityCheck.lies(database)
          .onFailure(StoreUnavailableException.class)
          .invoke(away -> LOG.infof("The database does not answer yet: %s", why(away)))
          .onFailure(StoreUnavailableException.class)
          .retry()
          .withBackOff(RETRY_PAUSE, RETRY_PAUSE)
          .until(_ -> background.nanoTime() - deadlineNanos < 0)
          .await()
          .indefinitely();
    } catch (StoreUnavailableException away) {
      throw new StartRefusedException(
          "The database has not answered for " + wait + ": " + why(away));
    }
  }

  private static String why(Throwable away) {
    Throwable told = away.getCause() == null ? away : away.getCause();
    return Objects.requireNonNullElse(told.getMessage(), told.toString());
  }

  private void beTheOnlyNode() {
    Duration patience = config.node().startWait().plus(config.database().timeout());
    if (!lock.acquire().await().atMost(patience)) {
      throw new StartRefusedException(
          "Another live Parley node uses this database. One node per database is supported for now:"
              + " stop the other one, or give this one a database of its own.");
    }
  }
}
