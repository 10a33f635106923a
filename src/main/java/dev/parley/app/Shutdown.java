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

/// Stops this node when a signal asks for it, and then lets Quarkus end the process. Quarkus itself
/// closes the port before it tells anybody of its end: too early for connections that are to be
/// told the last of their turns.
@Singleton
final class Shutdown {
  private final StopSequence sequence;

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
    StopRequests.answer(
        () -> sequence.run().subscribe().with(_ -> Quarkus.asyncExit(0)), sequence::hurry);
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
