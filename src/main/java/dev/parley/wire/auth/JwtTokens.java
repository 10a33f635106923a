package dev.parley.wire.auth;

import dev.parley.log.Failures;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.wire.auth.Access.Reason;
import io.smallrye.jwt.auth.principal.JWTParser;
import io.smallrye.jwt.auth.principal.ParseException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import jakarta.json.JsonNumber;
import jakarta.json.JsonString;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwx.JsonWebStructure;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/// JSON Web Tokens, checked by the library. Where its keys are at hand that takes some fraction of
/// a millisecond and is done on the spot; where they have to be fetched it may have to wait, on
/// threads of its own, so that nothing else waits with it.
public final class JwtTokens implements Tokens {
  private static final FieldLog LOG = FieldLog.of(JwtTokens.class);

  private static final int TOKEN_CHARS_MAX = 16 * 1024;
  private static final int CAUSES_MAX = 8;

  /// Between two lines of the log about tokens that nobody can make sense of.
  private static final long TELL_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final JWTParser parser;
  private final Settings settings;
  private final @Nullable Fetcher fetching;
  private final AtomicLong toldNanos = new AtomicLong(System.nanoTime() - TELL_NANOS);

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

  /// Where keys are fetched from somewhere. Fetching is the library's own, one at a time, and waits
  /// for whoever has the keys: tokens of keys that have not proved good yet have threads of their
  /// own, so that made-up ones keep nobody else waiting. Beyond the limits whoever asks is told to
  /// come again.
  ///
  /// @param threads for tokens of keys that are known
  /// @param strangersThreads for all others
  /// @param waitingMax tokens that wait for a thread, of either kind
  /// @param patience with one token; the library goes on, and has the keys afterwards
  public record Fetching(int threads, int strangersThreads, int waitingMax, Duration patience) {}

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
    } catch (RuntimeException e) {
      // the library trusts its issuer to name groups, times and the like as they are to be named
      tellOdd(e);
      return new Verdict.Unknown(Reason.INVALID_TOKEN);
    }
  }

  private void tellOdd(RuntimeException failure) {
    long now = System.nanoTime();
    long last = toldNanos.get();
    if (now - last >= TELL_NANOS && toldNanos.compareAndSet(last, now)) {
      LOG.warnf(
          Fields.NONE,
          "A token is refused that the library cannot make sense of (%s): look at its issuer's claims",
          Failures.named(failure));
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
    /// An issuer has few keys at a time.
    private static final int KEYS_MAX = 100;

    private final Duration patience;
    private final Lane known;
    private final Lane strangers;

    /// The names of keys that tokens were found good by; begun anew when there are too many.
    private final Set<String> proved = ConcurrentHashMap.newKeySet();

    Fetcher(Fetching limits, Vertx vertx) {
      this.patience = limits.patience();
      this.known = new Lane(vertx, "parley-tokens", limits.threads(), limits.waitingMax());
      this.strangers =
          new Lane(vertx, "parley-new-tokens", limits.strangersThreads(), limits.waitingMax());
    }

    Uni<Verdict> verify(String token) {
      String key = keyName(token);
      Lane lane = key != null && proved.contains(key) ? known : strangers;
      return lane.run(patience, () -> verdict(token))
          .invoke(verdict -> {
            if (key != null && verdict instanceof Verdict.Known) {
              remember(key);
            }
          });
    }

    /// Which key a token says it is signed with (`kid`, RFC 7515, section 4.1.4): anything.
    private static @Nullable String keyName(String token) {
      try {
        return JsonWebStructure.fromCompactSerialization(token).getKeyIdHeaderValue();
      } catch (JoseException noToken) {
        return null;
      }
    }

    private void remember(String key) {
      if (proved.size() >= KEYS_MAX) {
        proved.clear();
      }
      proved.add(key);
    }
  }

  /// Threads, and tokens that wait for one.
  private static final class Lane {
    private final WorkerExecutor workers;
    private final int waitingMax;
    private final AtomicInteger waiting = new AtomicInteger();

    Lane(Vertx vertx, String name, int threads, int waitingMax) {
      this.workers = vertx.createSharedWorkerExecutor(name, threads);
      this.waitingMax = waitingMax;
    }

    Uni<Verdict> run(Duration patience, Supplier<Verdict> check) {
      if (waiting.incrementAndGet() > waitingMax) {
        waiting.decrementAndGet();
        return Uni.createFrom().item(new Verdict.Unknown(Reason.KEYS_AWAY));
      }
      AtomicBoolean late = new AtomicBoolean();
      return Uni.createFrom()
          .completionStage(
              workers
                  .executeBlocking(() -> waited(check, late), false)
                  .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                  .toCompletionStage())
          .onFailure(TimeoutException.class)
          .recoverWithItem(_ -> {
            late.set(true);
            return new Verdict.Unknown(Reason.KEYS_AWAY);
          });
    }

    /// A token that has waited for a thread; it waits until it is here, whoever has given up on it.
    private Verdict waited(Supplier<Verdict> check, AtomicBoolean late) {
      waiting.decrementAndGet();
      return late.get() ? new Verdict.Unknown(Reason.KEYS_AWAY) : check.get();
    }
  }
}
