package dev.parley.app;

import dev.parley.actor.SessionHub;
import dev.parley.effect.EffectRunner;
import dev.parley.effect.discrete.DiscreteEffects;
import dev.parley.effect.watch.SessionWatches;
import dev.parley.loop.EventLoop;
import dev.parley.retention.RetentionRunner;
import dev.parley.wire.connection.Farewell;
import dev.parley.wire.connection.WireMetrics;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.jboss.logging.Logger;

/// Stops this node when a signal asks for it, and then lets Quarkus end the process. Quarkus itself
/// closes the port before it tells anybody of its end: too early for connections that are to be
/// told the last of their turns.
@Singleton
final class Shutdown {
  private static final Logger LOG = Logger.getLogger(Shutdown.class);

  private static final int STUCK = 1;

  private final StopSequence sequence;
  private final Duration most;

  Shutdown(
      ParleyConfig config,
      EventLoop background,
      SessionHub hub,
      EffectRunner runner,
      SessionWatches watches,
      DiscreteEffects effects,
      RetentionRunner retention,
      Farewell farewell,
      WireMetrics connections,
      MeterRegistry metrics) {
    OperatingConfig.StopConfig stop = config.stop();
    Duration waits = stop.pause().plus(stop.turnsWait());
    if (waits.compareTo(stop.limit()) > 0) {
      throw new StartRefusedException(
          "parley.stop.limit is %s: parley.stop.pause and parley.stop.turns-wait take %s"
              .formatted(stop.limit(), waits));
    }
    this.most = stop.limit().plus(config.journal().timeout()).plus(stop.restLimit());
    this.sequence =
        new StopSequence(
            new Parts(hub, runner, watches, effects, retention, farewell, connections),
            background,
            new StopSequence.Limits(
                stop.pause(),
                stop.turnsWait(),
                config.journal().timeout(),
                stop.deliveryWait(),
                config.effects().stopWait(),
                stop.limit()));
    Gauge.builder("parley.node.draining", sequence, s -> s.isBegun() ? 1 : 0)
        .description("1 from the word to stop on")
        .register(metrics);
  }

  /// From now on signals are answered.
  void listen() {
    StopRequests.answer(this::stop, sequence::hurry);
  }

  private void stop() {
    Thread watch = new Thread(this::endIfStuck, "parley-stop-watch");
    watch.setDaemon(true);
    watch.start();
    sequence
        .run()
        .subscribe()
        .with(
            _ -> Quarkus.asyncExit(0),
            failure -> {
              LOG.error("The stop broke off, the process ends without the rest of it", failure);
              Quarkus.asyncExit(STUCK);
            });
  }

  /// All waits of a stop are timers of an event loop. One that does not run any more is a reason to
  /// be stopped, so somebody else has to look after the end.
  private void endIfStuck() {
    try {
      Thread.sleep(most);
    } catch (InterruptedException ended) {
      return;
    }
    LOG.fatalf("The stop has not come to its end within %s, the process is ended", most);
    Runtime.getRuntime().halt(STUCK);
  }

  boolean isBegun() {
    return sequence.isBegun();
  }

  private record Parts(
      SessionHub hub,
      EffectRunner runner,
      SessionWatches watches,
      DiscreteEffects effects,
      RetentionRunner retention,
      Farewell farewell,
      WireMetrics connections)
      implements StopSequence.Node {
    @Override
    public Uni<Void> close() {
      retention.stop();
      return hub.close();
    }

    @Override
    public Uni<Void> stopTurns() {
      return hub.stopTurns();
    }

    @Override
    public Uni<Void> stopEffects() {
      return effects.stop();
    }

    @Override
    public Uni<Void> finishDeliveries() {
      watches.stop();
      return runner.finish();
    }

    @Override
    public void endDeliveries() {
      runner.stop();
    }

    @Override
    public void leaveConnections() {
      farewell.begin();
    }

    @Override
    public int openConnections() {
      return connections.open();
    }

    @Override
    public void endConnections() {
      farewell.end();
    }
  }
}
