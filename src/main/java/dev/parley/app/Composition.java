package dev.parley.app;

import dev.parley.actor.HubSettings;
import dev.parley.actor.SessionHub;
import dev.parley.actor.UserLimits;
import dev.parley.agent.Agents;
import dev.parley.cluster.NodeLock;
import dev.parley.effect.EffectRunner;
import dev.parley.effect.discrete.DiscreteEffects;
import dev.parley.effect.discrete.Upkeep;
import dev.parley.effect.discrete.WebhookHandler;
import dev.parley.effect.http.VertxWebhook;
import dev.parley.effect.watch.SessionWatches;
import dev.parley.loop.EventLoop;
import dev.parley.loop.Ids;
import dev.parley.retention.RetentionRunner;
import dev.parley.session.SessionDecider;
import dev.parley.session.SessionKey;
import dev.parley.store.ColdReads;
import dev.parley.store.CommitListener;
import dev.parley.store.Database;
import dev.parley.store.EffectInspector;
import dev.parley.store.EffectQueue;
import dev.parley.store.EncodedFrame;
import dev.parley.store.EventStore;
import dev.parley.store.Journal;
import dev.parley.store.MeasuredLane;
import dev.parley.store.Outbox;
import dev.parley.store.PanacheColdReads;
import dev.parley.store.PostgresEffectInspector;
import dev.parley.store.PostgresEffectQueue;
import dev.parley.store.PostgresEventStore;
import dev.parley.store.PostgresLane;
import dev.parley.store.PostgresOutbox;
import dev.parley.store.PostgresRebuild;
import dev.parley.store.PostgresRemoval;
import dev.parley.store.PostgresSpending;
import dev.parley.store.SessionReader;
import dev.parley.store.Spending;
import dev.parley.store.page.Pages;
import dev.parley.store.page.PostgresPages;
import dev.parley.trace.Traces;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Puts the parts together: the one place that knows all of them, and the only one where they meet
/// Vert.x, configuration and the clock. What only the wire needs is [WireComposition]'s, what
/// agents need [AgentComposition]'s.
@Singleton
class Composition {
  private static final Logger LOG = Logger.getLogger(Composition.class);

  /// What an Effect RPC client takes in one message without blocking its connection.
  private static final int BATCH_VALUES_MAX = 16;

  /// What a user may do where authentication says who that is.
  private static final int USER_SENDS_PER_MINUTE = 600;

  private static final int USER_SESSIONS_MAX = 100_000;

  private final ParleyConfig config;
  private final Vertx vertx;
  private final io.vertx.mutiny.core.Vertx mutinyVertx;
  private final VertxEventLoops loops;
  private final EventLoop background;
  private final Ids ids = new Ulids();

  Composition(ParleyConfig config, Vertx vertx) {
    this.config = config;
    this.vertx = vertx;
    this.mutinyVertx = new io.vertx.mutiny.core.Vertx(vertx);
    this.loops = new VertxEventLoops(vertx, 2 * Runtime.getRuntime().availableProcessors());
    this.background = VertxEventLoops.make(vertx);
  }

  /// For what belongs to no session.
  @Produces
  @Singleton
  EventLoop background() {
    return background;
  }

  @Produces
  @Singleton
  Ids ids() {
    return ids;
  }

  @Produces
  @Singleton
  Database database(Pool pool) {
    return new Database(pool, background, config.database().timeout());
  }

  @Produces
  @Singleton
  Outbox outbox(Database database) {
    return new PostgresOutbox(database);
  }

  @Produces
  @Singleton
  Spending spending(Database database) {
    return new PostgresSpending(database);
  }

  @Produces
  @Singleton
  ColdReads coldReads(Database database) {
    return new PanacheColdReads(vertx, database);
  }

  @Produces
  @Singleton
  EventStore eventStore(Database database, Outbox outbox, ColdReads coldReads) {
    return new PostgresEventStore(
        database,
        outbox,
        coldReads,
        new PostgresEventStore.Settings(
            config.effects().pageFramesMax(), config.effects().pageBytesMax()));
  }

  @Produces
  @Singleton
  SessionReader reader(EventStore store, ColdReads coldReads) {
    return new SessionReader(store, coldReads);
  }

  @Produces
  @Singleton
  EffectRunner runner(
      SessionReader reader,
      Outbox outbox,
      MeterRegistry metrics,
      Traces traces,
      @ConfigProperty(name = "quarkus.datasource.reactive.max-size", defaultValue = "20")
          int poolMax) {
    ParleyConfig.EffectsConfig effects = config.effects();
    if (effects.readsMax() >= poolMax) {
      throw new StartRefusedException(
          "parley.effects.reads-max is "
              + effects.readsMax()
              + ": it must be less than quarkus.datasource.reactive.max-size, "
              + poolMax);
    }
    return new EffectRunner(
        reader,
        outbox,
        loops,
        background,
        metrics,
        traces,
        new EffectRunner.Settings(
            effects.pollInterval(),
            effects.sweepSessionsMax(),
            effects.ringFramesMax(),
            effects.ringBytesMax(),
            effects.readsMax(),
            effects.readsWait(),
            effects.pageFramesMax(),
            effects.pageBytesMax(),
            BATCH_VALUES_MAX,
            config.frames().joinedBytesMax(),
            effects.ledgerInterval()));
  }

  @Produces
  @Singleton
  RetentionRunner retention(Database database, MeterRegistry metrics) {
    OperatingConfig.RetentionConfig retention = config.retention();
    return new RetentionRunner(
        new PostgresRemoval(database, retention.indexBytesMin()),
        background,
        metrics,
        new RetentionRunner.Settings(
            retention.interval(),
            config.frames().retention(),
            retention.deletedAge(),
            retention.userTokens(),
            retention.takenMax(),
            retention.rowsMax(),
            retention.statementsMax()));
  }

  @Produces
  @Singleton
  PostgresRebuild rebuild(Database database) {
    OperatingConfig.RebuildConfig rebuild = config.rebuild();
    return new PostgresRebuild(
        database,
        new PostgresRebuild.Settings(
            rebuild.pageEventsMax(), rebuild.pageBytesMax(), rebuild.pageSessionsMax()));
  }

  @Produces
  @Singleton
  Pages pages(Database database) {
    return new PostgresPages(database);
  }

  @Produces
  @Singleton
  SessionWatches watches(Pages pages, MeterRegistry metrics) {
    ParleyConfig.WatchConfig watch = config.watch();
    return new SessionWatches(
        pages,
        loops,
        background,
        metrics,
        new SessionWatches.Settings(
            watch.pollInterval(),
            watch.sweepUsersMax(),
            watch.listedMax(),
            watch.untoldMax(),
            BATCH_VALUES_MAX));
  }

  @Produces
  @Singleton
  EffectQueue effectQueue(Database database) {
    return new PostgresEffectQueue(database);
  }

  @Produces
  @Singleton
  EffectInspector effectInspector(Database database) {
    return new PostgresEffectInspector(vertx, database, config.effects().expireAfter());
  }

  @Produces
  @Singleton
  DiscreteEffects discreteEffects(
      EffectQueue queue, ColdReads coldReads, WebhookTargets targets, MeterRegistry metrics) {
    ParleyConfig.EffectsConfig effects = config.effects();
    EventLoop loop = VertxEventLoops.make(vertx);
    return new DiscreteEffects(
        queue,
        new WebhookHandler(
            targets.byAgent(), coldReads, new VertxWebhook(vertx, effects.concurrencyMax()), loop),
        loop,
        new SplittableRandom(),
        metrics,
        new DiscreteEffects.Settings(
            effects.pollInterval(),
            effects.sweepSessionsMax(),
            effects.readySessionsMax(),
            effects.concurrencyMax(),
            effects.lease(),
            effects.maxAttempts(),
            effects.retryPauseMin(),
            effects.retryPauseMax(),
            effects.stopWait(),
            new Upkeep.Settings(
                effects.upkeepInterval(), effects.upkeepBatch(), effects.retention())));
  }

  @Produces
  @Singleton
  Journal journal(
      EffectRunner runner,
      SessionWatches watches,
      DiscreteEffects effects,
      DatabaseOptions options,
      MeterRegistry metrics) {
    ParleyConfig.JournalConfig journal = config.journal();
    EventLoop loop = VertxEventLoops.make(vertx);
    return new Journal(
        loop,
        new MeasuredLane(
            new PostgresLane(
                mutinyVertx,
                options.pooled(),
                loop,
                new PostgresLane.Settings(journal.timeout(), config.effects().expireAfter())),
            loop,
            metrics),
        new Wakes(runner, watches, effects),
        new Journal.Settings(
            journal.batchSessionsMax(), journal.batchBytesMax(), journal.retriesMax()));
  }

  /// Who is woken by a commit.
  private record Wakes(EffectRunner runner, SessionWatches watches, DiscreteEffects effects)
      implements CommitListener {
    @Override
    public void committed(long sid, List<EncodedFrame> frames) {
      runner.committed(sid, frames);
    }

    @Override
    public void changed(SessionKey key, Instant at) {
      watches.changed(key, at);
    }

    @Override
    public void effectsCommitted(long sid) {
      effects.wake(sid);
    }
  }

  @Produces
  @Singleton
  SessionDecider decider(WebhookTargets targets) {
    ParleyConfig.SessionConfig session = config.session();
    return new SessionDecider(
        new SessionDecider.Limits(
            session.queueMax(), session.queueBytesMax(), config.turn().outputBytesMax()),
        targets.byAgent()::containsKey);
  }

  @Produces
  @Singleton
  SessionHub hub(
      EventStore store,
      Journal journal,
      SessionDecider decider,
      Agents agents,
      MeterRegistry metrics,
      Traces traces) {
    ParleyConfig.SessionConfig session = config.session();
    ParleyConfig.TurnConfig turn = config.turn();
    return new SessionHub(
        store,
        journal,
        decider,
        agents,
        loops,
        ids,
        config.node().id().orElse("node") + "-" + ids.next(),
        metrics,
        traces,
        new HubSettings(
            session.activeMax(),
            session.mailboxMax(),
            session.mailboxReserved(),
            session.snapshotEvents(),
            config.agent().historyMessages(),
            config.agent().historyBytesMax(),
            config.agent().approvalTimeout(),
            session.idleTimeout(),
            session.retryPauseMin(),
            session.retryPauseMax(),
            turn.bufferMax(),
            config.frames().bytesMax(),
            config.frames().joinedBytesMax(),
            turn.outputBytesMax(),
            config.agent().timeout(),
            session.recoveryPage(),
            session.recoveryInterval()),
        new UserLimits(userLimits(), background::nanoTime));
  }

  private UserLimits.Settings userLimits() {
    AccessConfig.UserConfig user = config.user();
    boolean known = config.auth().mode() == AccessConfig.Mode.JWT;
    return new UserLimits.Settings(
        user.sendsPerMinute().orElse(known ? USER_SENDS_PER_MINUTE : 0),
        user.sessionsMax().orElse(known ? USER_SESSIONS_MAX : 0),
        user.rememberedMax());
  }

  @Produces
  @Singleton
  NodeLock nodeLock(DatabaseOptions options) {
    return new NodeLock(
        mutinyVertx,
        options.direct(),
        background,
        new NodeLock.Settings(config.node().startWait(), config.node().lockRetryPause()),
        () -> {
          LOG.fatal(
              "Another node took this database while the connection was away; this one stops");
          Quarkus.asyncExit(1);
        });
  }
}
