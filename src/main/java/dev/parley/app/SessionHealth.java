package dev.parley.app;

import dev.parley.actor.SessionHub;
import dev.parley.actor.SessionHub.Stuck;
import dev.parley.effect.discrete.BacklogWatch;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/// Alive means that no session waits without end for an answer of the store. What waits while the
/// store is away waits rightly: only the time counts in which the store answered.
@Liveness
@Singleton
class SessionHealth implements HealthCheck {
  private static final FieldLog LOG = FieldLog.of(SessionHealth.class);

  private final SessionHub hub;
  private final BacklogWatch store;
  private final EventLoop clock;
  private final ParleyConfig config;

  SessionHealth(SessionHub hub, BacklogWatch store, EventLoop background, ParleyConfig config) {
    this.hub = hub;
    this.store = store;
    this.clock = background;
    this.config = config;
  }

  @Override
  public HealthCheckResponse call() {
    Duration limit = config.health().stuckAfter();
    List<Stuck> stuck =
        store.answersFor().compareTo(limit) > 0
            ? hub.stuck(limit, clock.nanoTime())
            : List.<Stuck>of();
    var response = HealthCheckResponse.named("sessions").status(stuck.isEmpty());
    stuck.stream()
        .max(Comparator.comparing(Stuck::since))
        .ifPresent(longest -> {
          LOG.errorf(
              Fields.ofSession(longest.key().toString()),
              "The session has waited for the store for %d s, as have %d others: this node is stuck",
              longest.since().toSeconds(),
              stuck.size() - 1);
          response.withData(
              "reason",
              "%d sessions do not go on, one of them for %d s"
                  .formatted(stuck.size(), longest.since().toSeconds()));
        });
    return response.build();
  }
}
