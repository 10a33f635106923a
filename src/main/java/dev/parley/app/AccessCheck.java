package dev.parley.app;

import jakarta.inject.Singleton;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/// Sees that a node does not serve strangers because somebody forgot something.
@Singleton
class AccessCheck {
  private static final Logger LOG = Logger.getLogger(AccessCheck.class);

  private static final String ISSUER = "mp.jwt.verify.issuer";
  private static final String AUDIENCES = "mp.jwt.verify.audiences";

  /// The names under which a key, or a place that has keys, can be given.
  private static final List<String> KEYS =
      List.of(
          "mp.jwt.verify.publickey",
          "mp.jwt.verify.publickey.location",
          "smallrye.jwt.verify.key.location");

  private final ParleyConfig config;
  private final Config settings;
  private final ListenAddress address;

  AccessCheck(ParleyConfig config, Config settings, ListenAddress address) {
    this.config = config;
    this.settings = settings;
    this.address = address;
  }

  /// @throws StartRefusedException when callers could not be told, or everybody were let in
  void check() {
    switch (config.auth().mode()) {
      case NONE -> checkAddress();
      case JWT -> checkDemands();
    }
  }

  private void checkAddress() {
    if (address.isLoopback()) {
      return;
    }
    if (!config.auth().allowOpen()) {
      throw new StartRefusedException(
          "quarkus.http.host is "
              + address.host()
              + ", which others reach, and nobody is asked who he is. Set parley.auth=jwt, or"
              + " parley.auth.allow-open=true where something else keeps strangers out.");
    }
    LOG.warnf(
        "Whoever reaches %s reads and writes everything: parley.auth is none", address.host());
  }

  private void checkDemands() {
    List<String> missing =
        Stream.concat(
                Stream.of(ISSUER, AUDIENCES).filter(name -> !isGiven(name)),
                KEYS.stream().anyMatch(this::isGiven)
                    ? Stream.empty()
                    : Stream.of("mp.jwt.verify.publickey.location"))
            .toList();
    if (!missing.isEmpty()) {
      throw new StartRefusedException(
          "parley.auth=jwt needs to know whose tokens are good: set "
              + String.join(", ", missing)
              + ".");
    }
  }

  private boolean isGiven(String name) {
    return settings.getOptionalValue(name, String.class).filter(v -> !v.isBlank()).isPresent();
  }
}
