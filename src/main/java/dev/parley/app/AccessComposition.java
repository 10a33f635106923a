package dev.parley.app;

import dev.parley.wire.auth.Access;
import dev.parley.wire.auth.JwtTokens;
import dev.parley.wire.auth.Origins;
import dev.parley.wire.auth.Tickets;
import dev.parley.wire.auth.Tokens;
import dev.parley.wire.connection.Admission;
import dev.parley.wire.connection.SocketLimit;
import dev.parley.wire.rest.AuthSettings;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import io.smallrye.jwt.auth.principal.JWTParser;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Puts together who may come in, as [Composition] does the rest.
@Singleton
class AccessComposition {
  private final ParleyConfig config;
  private final Vertx vertx;

  AccessComposition(ParleyConfig config, Vertx vertx) {
    this.config = config;
    this.vertx = vertx;
  }

  @Produces
  @Singleton
  AuthSettings authSettings() {
    return new AuthSettings(config.auth().mode() == AccessConfig.Mode.JWT);
  }

  @Produces
  @Singleton
  Access access(MeterRegistry metrics) {
    return new Access(metrics);
  }

  @Produces
  @Singleton
  Origins origins(
      @ConfigProperty(name = "quarkus.http.cors.origins") Optional<List<String>> listed) {
    return new Origins(listed.orElse(List.of()), config.auth().mode() == AccessConfig.Mode.NONE);
  }

  @Produces
  @Singleton
  Tickets tickets() {
    AccessConfig.AuthConfig auth = config.auth();
    return new Tickets(
        new Tickets.Settings(auth.ticketLife(), auth.ticketsPerUserMax(), auth.ticketsMax()),
        InstantSource.system());
  }

  /// The library is looked at only where it is needed: it wants keys.
  @Produces
  @Singleton
  Tokens tokens(Instance<JWTParser> parser, Instance<JWTAuthContextInfo> checks) {
    return switch (config.auth().mode()) {
      case NONE -> _ -> Uni.createFrom().item(new Tokens.Verdict.Unknown(Access.Reason.NO_TOKEN));
      case JWT -> jwtTokens(parser.get(), checks.get());
    };
  }

  private Tokens jwtTokens(JWTParser parser, JWTAuthContextInfo checks) {
    String location = Optional.ofNullable(checks.getPublicKeyLocation()).orElse("");
    AccessConfig.AuthConfig auth = config.auth();
    boolean remote = location.startsWith("http:") || location.startsWith("https:");
    return new JwtTokens(
        parser,
        new JwtTokens.Settings(
            checks.getIssuedBy(),
            auth.userClaim(),
            auth.operatorRole(),
            Duration.ofSeconds(checks.getClockSkew()),
            remote
                ? new JwtTokens.Fetching(
                    auth.verifyThreads(),
                    auth.verifyNewThreads(),
                    auth.verifyWaitingMax(),
                    auth.verifyWait())
                : null),
        vertx);
  }

  @Produces
  @Singleton
  Admission admission(Tokens tokens) {
    return new Admission(
        new SocketLimit("connections", "An address", config.socket().connectionsPerAddressMax()),
        new SocketLimit("userConnections", "A user", config.user().connectionsMax()),
        tokens);
  }
}
