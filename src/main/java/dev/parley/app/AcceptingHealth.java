package dev.parley.app;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready means too that the node has not been told to stop.
@Readiness
final class AcceptingHealth implements HealthCheck {
  private final Shutdown shutdown;

  AcceptingHealth(Shutdown shutdown) {
    this.shutdown = shutdown;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("accepting").status(!shutdown.isBegun()).build();
  }
}
