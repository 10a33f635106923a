package dev.parley.app;

import io.vertx.pgclient.PgConnectOptions;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Where the database is, for the connections that belong to no pool.
@Singleton
class DatabaseOptions {
  private final ParleyConfig config;
  private final String url;
  private final Optional<String> username;
  private final Optional<String> password;

  DatabaseOptions(
      ParleyConfig config,
      @ConfigProperty(name = "quarkus.datasource.reactive.url") String url,
      @ConfigProperty(name = "quarkus.datasource.username") Optional<String> username,
      @ConfigProperty(name = "quarkus.datasource.password") Optional<String> password) {
    this.config = config;
    this.url = url;
    this.username = username;
    this.password = password;
  }

  /// The address that the pools use.
  PgConnectOptions pooled() {
    return at(url);
  }

  /// The address of the server itself.
  PgConnectOptions direct() {
    return at(config.database().directUrl().orElse(url));
  }

  private PgConnectOptions at(String address) {
    PgConnectOptions options =
        PgConnectOptions.fromUri(address.replaceFirst("^vertx-reactive:", ""));
    username.ifPresent(options::setUser);
    password.ifPresent(options::setPassword);
    return options;
  }
}
