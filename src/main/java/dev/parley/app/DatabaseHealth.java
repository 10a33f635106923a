package dev.parley.app;

import dev.parley.store.Database;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready means that the database answers. While it is away the node is alive, and ready again by
/// itself afterwards.
@Readiness
class DatabaseHealth implements AsyncHealthCheck {
  private static final String NAME = "database";

  private final Database database;

  DatabaseHealth(Database database) {
    this.database = database;
  }

  @Override
  public Uni<HealthCheckResponse> call() {
    return database
        .query("SELECT 1", Tuple.tuple())
        .map(_ -> HealthCheckResponse.up(NAME))
        .onFailure()
        .recoverWithItem(_ -> HealthCheckResponse.down(NAME));
  }
}
