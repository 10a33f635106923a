package dev.parley.app;

import dev.parley.store.Database;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready means that the database answers. While it is away the node is alive, and ready again by
/// itself afterwards. It is asked on a worker thread, whose patience needs no event loop.
@Readiness
@Singleton
class DatabaseHealth implements HealthCheck {
  private static final String NAME = "database";

  private final Database database;
  private final ParleyConfig config;

  DatabaseHealth(Database database, ParleyConfig config) {
    this.database = database;
    this.config = config;
  }

  @Override
  public HealthCheckResponse call() {
    try {
      var _ =
          database.query("SELECT 1", Tuple.tuple()).await().atMost(config.health().databaseWait());
      return HealthCheckResponse.up(NAME);
    } catch (RuntimeException away) {
      return HealthCheckResponse.down(NAME);
    }
  }
}
