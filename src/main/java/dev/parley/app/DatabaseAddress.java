package dev.parley.app;

import dev.parley.app.embedded.EmbeddedDatabase;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.config.SmallRyeConfig;
import java.nio.file.Path;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Where the database is, settled before Quarkus starts, because its pools read it then.
///
/// A configured address wins; one of the two (JDBC for migrations, reactive for everything else) is
/// enough. Without any, the embedded PostgreSQL is opened in `parley.data-dir`; a build that
/// carries none, as a native image, does not start. The settled values become system properties of
/// this process.
final class DatabaseAddress {
  private static final Logger LOG = Logger.getLogger(DatabaseAddress.class);

  private static final String JDBC_URL = "quarkus.datasource.jdbc.url";
  private static final String REACTIVE_URL = "quarkus.datasource.reactive.url";
  private static final String USERNAME = "quarkus.datasource.username";
  private static final String PASSWORD = "quarkus.datasource.password";
  private static final String DATA_DIR = "parley.data-dir";
  private static final String DATA_DIR_DEFAULT = ".parley";

  private static final String JDBC_SCHEME = "jdbc:postgresql:";
  private static final String REACTIVE_SCHEME = "postgresql:";

  private DatabaseAddress() {}

  /// Idempotent within a process: a live reload finds the properties of the first call and keeps
  /// the server that runs.
  ///
  /// @throws StartRefusedException when there is no address and no PostgreSQL to start
  static void ensure() {
    SmallRyeConfig config = ConfigUtils.configBuilder().build();
    Optional<String> jdbc = config.getOptionalValue(JDBC_URL, String.class);
    Optional<String> reactive = config.getOptionalValue(REACTIVE_URL, String.class);
    if (jdbc.isEmpty() && reactive.isEmpty()) {
      if (!EmbeddedDatabase.isCarried()) {
        throw noDatabase();
      }
      openEmbedded(
          Path.of(config.getOptionalValue(DATA_DIR, String.class).orElse(DATA_DIR_DEFAULT)));
    } else if (jdbc.isEmpty()) {
      System.setProperty(JDBC_URL, jdbcUrlOf(reactive.get()));
    } else if (reactive.isEmpty()) {
      System.setProperty(REACTIVE_URL, reactiveUrlOf(jdbc.get()));
    }
  }

  static StartRefusedException noDatabase() {
    return new StartRefusedException(
        "No database is configured, and this build carries no PostgreSQL of its own for this"
            + " machine. Set QUARKUS_DATASOURCE_REACTIVE_URL (postgresql://host:5432/database),"
            + " QUARKUS_DATASOURCE_USERNAME and QUARKUS_DATASOURCE_PASSWORD.");
  }

  static String jdbcUrlOf(String reactiveUrl) {
    return JDBC_SCHEME + hostAndRest(reactiveUrl);
  }

  static String reactiveUrlOf(String jdbcUrl) {
    return REACTIVE_SCHEME + hostAndRest(jdbcUrl);
  }

  private static String hostAndRest(String url) {
    int start = url.indexOf("//");
    if (start < 0) {
      throw new IllegalArgumentException("not an address of the form …postgresql://host/database");
    }
    return url.substring(start);
  }

  private static void openEmbedded(Path dataDir) {
    EmbeddedDatabase database = EmbeddedDatabase.open(dataDir);
    System.setProperty(JDBC_URL, database.jdbcUrl());
    System.setProperty(REACTIVE_URL, database.reactiveUrl());
    System.setProperty(USERNAME, database.user());
    System.setProperty(PASSWORD, database.password());
    // The hook also keeps the server's lock from being collected. It waits for the application's
    // connections to close, so it may run beside the hook that stops the application.
    Runtime.getRuntime().addShutdownHook(new Thread(database::close, "embedded-postgres-stop"));
    LOG.infof(
        "No database is configured: %s the embedded PostgreSQL in %s (port %d, pid %d)",
        database.adopted() ? "found running and using" : "started",
        database.dataDir(),
        database.port(),
        database.pid());
  }
}
