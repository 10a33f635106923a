package dev.parley.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/// Gives each application a test starts an empty database: `@QuarkusTestResource` or
/// `@WithTestResource` with this class.
public final class PostgresResource implements QuarkusTestResourceLifecycleManager {
  @Override
  public Map<String, String> start() {
    TestDatabase database = TestDatabase.create();
    return Map.of(
        "quarkus.datasource.jdbc.url", database.jdbcUrl(),
        "quarkus.datasource.reactive.url", database.reactiveUrl(),
        "quarkus.datasource.username", database.user(),
        "quarkus.datasource.password", database.password());
  }

  @Override
  public void stop() {
    // The server ends with the JVM, and its databases with it.
  }
}
