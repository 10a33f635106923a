package dev.parley.app;

import dev.parley.app.LoopWatch.Silence;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/// Alive means that every event loop runs. It is asked on a worker thread, which no loop can keep
/// from answering; a probe whose own connection is on the wedged loop gets no answer, which is one
/// too.
@Liveness
@Singleton
class LoopHealth implements HealthCheck {
  private final LoopWatch watch;
  private final ParleyConfig config;

  LoopHealth(LoopWatch watch, ParleyConfig config) {
    this.watch = watch;
    this.config = config;
  }

  @Override
  public HealthCheckResponse call() {
    Optional<Silence> wedged =
        watch.longest().filter(s -> s.since().compareTo(config.health().loopSilenceMax()) > 0);
    var response = HealthCheckResponse.named("event loops").status(wedged.isEmpty());
    wedged.ifPresent(silence ->
        response.withData(
            "reason",
            "The event loop %s has not run for %d s"
                .formatted(silence.thread(), silence.since().toSeconds())));
    return response.build();
  }
}
