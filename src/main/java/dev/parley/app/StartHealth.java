package dev.parley.app;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

/// Started means that the start is through: the lock is held, the schema is up, everything runs.
@org.eclipse.microprofile.health.Startup
@Singleton
class StartHealth implements HealthCheck {
  private final Startup startup;

  StartHealth(Startup startup) {
    this.startup = startup;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("start").status(startup.isThrough()).build();
  }
}
