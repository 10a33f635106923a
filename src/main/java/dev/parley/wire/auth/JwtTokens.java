package dev.parley.wire.auth;

import dev.parley.wire.auth.Access.Reason;
import io.smallrye.jwt.auth.principal.JWTParser;
import io.smallrye.jwt.auth.principal.ParseException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import jakarta.json.JsonNumber;
import jakarta.json.JsonString;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jspecify.annotations.Nullable;

/// JSON Web Tokens, checked by the library. Where its keys are at hand that takes some fraction of
/// a millisecond and is done on the spot; where they have to be fetched it may have to wait, on
/// threads of its own, so that nothing else waits with it.
public final class JwtTokens implements Tokens {
  private static final int TOKEN_CHARS_MAX = 16 * 1024;
  private static final int CAUSES_MAX = 8;

  private final JWTParser parser;
  private final Settings settings;
  private final @Nullable Fetcher fetching;

  /// @param issuer of all tokens
  /// @param userClaim the claim that names the user
  /// @param operatorRole the group that may make operators' calls
  /// @param skew by how much clocks may differ, as the library has it
  /// @param fetching absent: the keys are at hand
  public record Settings(
      String issuer,
      String userClaim,
      String operatorRole,
      Duration skew,
      @Nullable Fetching fetching) {}

  /// Where keys are fetched from somewhere. Fetching is the library's own, and whoever has an
  /// unknown key waits for it; beyond the limits whoever asks is told to come again.
  ///
  /// @param waitingMax tokens that wait for a thread
  /// @param patience with one token; the library goes on, and has the keys afterwards
  public record Fetching(int threads, int waitingMax, Duration patience) {}

  public JwtTokens(JWTParser parser, Settings settings, Vertx vertx) {
    this.parser = parser;
    this.settings = settings;
    this.fetching = settings.fetching() == null ? null : new Fetcher(settings.fetching(), vertx);
  }

  @Override
  public Uni<Verdict> verify(String token) {
    if (token.length() > TOKEN_CHARS_MAX) {
      return Uni.createFrom().item(new Verdict.Unknown(Reason.INVALID_TOKEN));
    }
    return fetching == null ? Uni.createFrom().item(verdict(token)) : fetching.verify(token);
  }

  private Verdict verdict(String token) {
    try {
      JsonWebToken jwt = parser.parse(token);
      Caller caller = caller(jwt);
      return caller == null ? new Verdict.Unknown(Reason.INVALID_TOKEN) : new Verdict.Known(caller);
    } catch (ParseException e) {
      return new Verdict.Unknown(reason(e));
    } catch (DateTimeException e) {
      // an end that no calendar has
      return new Verdict.Unknown(Reason.INVALID_TOKEN);
    }
  }

  /// @return absent: the token names nobody
  private @Nullable Caller caller(JsonWebToken jwt) {
    Object claim = jwt.getClaim(settings.userClaim());
    String value = value(claim).orElse("");
    if (value.isEmpty()) {
      return null;
    }
    String userId = UserIds.of(settings.issuer(), value);
    Instant end = Instant.ofEpochSecond(jwt.getExpirationTime()).plus(settings.skew());
    return jwt.getGroups().contains(settings.operatorRole())
        ? new Caller.Operator(userId, end)
        : new Caller.User(userId, end);
  }

  private static Optional<String> value(@Nullable Object claim) {
    return switch (claim) {
      case String text -> Optional.of(text);
      case JsonString text -> Optional.of(text.getString());
      case JsonNumber number when number.isIntegral() -> Optional.of(number.toString());
      case Long number -> Optional.of(number.toString());
      case null, default -> Optional.empty();
    };
  }

  private static Reason reason(Throwable failure) {
    Throwable cause = failure;
    for (int i = 0; i < CAUSES_MAX && cause != null; i++) {
      if (cause instanceof InvalidJwtException invalid && invalid.hasExpired()) {
        return Reason.EXPIRED_TOKEN;
      }
      if (cause instanceof IOException) {
        return Reason.KEYS_AWAY;
      }
      cause = cause.getCause();
    }
    return Reason.INVALID_TOKEN;
  }

  /// Checks tokens where that may have to wait.
  private final class Fetcher {
    private final Fetching limits;
    private final WorkerExecutor workers;
    private final AtomicInteger waiting = new AtomicInteger();

    Fetcher(Fetching limits, Vertx vertx) {
      this.limits = limits;
      this.workers = vertx.createSharedWorkerExecutor("parley-tokens", limits.threads());
    }

    Uni<Verdict> verify(String token) {
      if (waiting.incrementAndGet() > limits.waitingMax()) {
        waiting.decrementAndGet();
        return Uni.createFrom().item(new Verdict.Unknown(Reason.KEYS_AWAY));
      }
      AtomicBoolean late = new AtomicBoolean();
      return Uni.createFrom()
          .completionStage(
              workers
                  .executeBlocking(() -> waited(token, late), false)
                  .timeout(limits.patience().toMillis(), TimeUnit.MILLISECONDS)
                  .otherwise(_ -> {
                    late.set(true);
                    return new Verdict.Unknown(Reason.KEYS_AWAY);
                  })
                  .toCompletionStage());
    }

    /// A token that has waited for a thread; it waits until it is here, whoever has given up on it.
    private Verdict waited(String token, AtomicBoolean late) {
      waiting.decrementAndGet();
      return late.get() ? new Verdict.Unknown(Reason.KEYS_AWAY) : verdict(token);
    }
  }
}
