package dev.parley.app;

import dev.parley.effect.discrete.BacklogWatch;
import dev.parley.loop.EventLoop;
import dev.parley.store.Database;
import dev.parley.store.PostgresEffectBacklog;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.concurrent.EventExecutor;
import io.quarkus.runtime.Startup;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Puts together what watches over this node, as [Composition] does the rest.
@Singleton
class HealthComposition {
  private final ParleyConfig config;

  HealthComposition(ParleyConfig config) {
    this.config = config;
  }

  @Produces
  @Singleton
  BacklogWatch backlogWatch(Database database, EventLoop background, MeterRegistry metrics) {
    ParleyConfig.EffectsConfig effects = config.effects();
    return new BacklogWatch(
        new PostgresEffectBacklog(database),
        background,
        metrics,
        new BacklogWatch.Settings(effects.backlogInterval(), effects.backlogCountMax()));
  }

  /// Watches the threads of Vert.x themselves: whatever runs on one of them stands still with it.
  /// From the start, before anybody asks.
  @Produces
  @Startup
  @Singleton
  LoopWatch loopWatch(
      Vertx vertx,
      MeterRegistry metrics,
      @ConfigProperty(name = "quarkus.http.limits.max-connections") int connectionsMax) {
    Iterable<EventExecutor> loops = ((VertxInternal) vertx).getEventLoopGroup();
    LoopWatch watch = new LoopWatch(loops, config.health().loopSilenceMax(), System::nanoTime);
    Gauge.builder("parley.loops.silence", watch, HealthComposition::seconds)
        .description("How long the event loop that is silent for the longest time has not run")
        .baseUnit("seconds")
        .register(metrics);
    Gauge.builder("parley.connections.max", () -> connectionsMax)
        .description("Connections that this node takes, those of HTTP included")
        .register(metrics);
    return watch;
  }

  void close(@Disposes LoopWatch watch) {
    watch.close();
  }

  private static double seconds(LoopWatch watch) {
    Duration silence = watch.longest().map(LoopWatch.Silence::since).orElse(Duration.ZERO);
    return (double) silence.toMillis() / TimeUnit.SECONDS.toMillis(1);
  }
}
