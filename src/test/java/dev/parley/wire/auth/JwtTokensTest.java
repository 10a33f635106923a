package dev.parley.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.testing.TestTokens;
import dev.parley.wire.auth.Access.Reason;
import dev.parley.wire.auth.JwtTokens.Fetching;
import dev.parley.wire.auth.Tokens.Verdict;
import io.smallrye.jwt.auth.principal.DefaultJWTCallerPrincipal;
import io.smallrye.jwt.auth.principal.JWTParser;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Tokens whose keys are fetched, where the issuer may hang: the library then waits for it,
/// whoever's token it is whose key is not known.
class JwtTokensTest {
  private static final TestTokens TOKENS = new TestTokens();
  private static final int NEW_THREADS = 2;
  private static final int WAITING_MAX = 5;

  private final Vertx vertx = Vertx.vertx();
  private final CountDownLatch issuer = new CountDownLatch(1);
  private final AtomicInteger fetching = new AtomicInteger();
  private final String good = TOKENS.of("ann");

  @AfterEach
  void close() throws Exception {
    issuer.countDown();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void madeUpKeysKeepNobodyWaitingWhoseKeyIsKnown() {
    JwtTokens tokens = tokens(Duration.ofMinutes(5));
    assertThat(now(tokens.verify(good).subscribeAsCompletionStage()))
        .isInstanceOf(Verdict.Known.class);
    List<CompletableFuture<Verdict>> strangers = strangers(tokens, NEW_THREADS + WAITING_MAX);
    await().until(() -> fetching.get() == NEW_THREADS);
    for (int i = 0; i < 10; i++) {
      assertThat(now(tokens.verify(good).subscribeAsCompletionStage()))
          .isInstanceOf(Verdict.Known.class);
    }
    assertThat(strangers).noneMatch(CompletableFuture::isDone);
    assertThat(now(strangers(tokens, 1).getFirst()))
        .as("more wait than may")
        .isEqualTo(new Verdict.Unknown(Reason.KEYS_AWAY));
    issuer.countDown();
    strangers.forEach(
        stranger -> assertThat(now(stranger)).isEqualTo(new Verdict.Unknown(Reason.INVALID_TOKEN)));
  }

  @Test
  void waitsNoLongerThanItsPatience() {
    JwtTokens tokens = tokens(Duration.ofMillis(50));
    assertThat(now(strangers(tokens, 1).getFirst()))
        .isEqualTo(new Verdict.Unknown(Reason.KEYS_AWAY));
  }

  @Test
  void refusesATokenThatTheLibraryBreaksOn() {
    issuer.countDown();
    String odd = TOKENS.of("odd");
    assertThat(now(tokens(Duration.ofMinutes(5)).verify(odd).subscribeAsCompletionStage()))
        .isEqualTo(new Verdict.Unknown(Reason.INVALID_TOKEN));
  }

  private List<CompletableFuture<Verdict>> strangers(JwtTokens tokens, int count) {
    return IntStream.range(0, count)
        .mapToObj(i ->
            tokens.verify(TOKENS.unheardOf("eve", "made-up-" + i)).subscribeAsCompletionStage())
        .toList();
  }

  private static Verdict now(CompletableFuture<Verdict> verdict) {
    return verdict.orTimeout(20, TimeUnit.SECONDS).join();
  }

  private JwtTokens tokens(Duration patience) {
    return new JwtTokens(
        (JWTParser)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {JWTParser.class},
                (_, _, arguments) -> parse((String) arguments[0])),
        new JwtTokens.Settings(
            TestTokens.ISSUER,
            "sub",
            "operator",
            Duration.ZERO,
            new Fetching(2, NEW_THREADS, WAITING_MAX, patience)),
        vertx);
  }

  private @Nullable Object parse(String token) throws Exception {
    if (!token.equals(good)) {
      fetching.incrementAndGet();
      assertThat(issuer.await(20, TimeUnit.SECONDS)).isTrue();
      throw new ClassCastException("groups are no object");
    }
    JwtClaims claims = new JwtClaims();
    claims.setSubject("ann");
    claims.setExpirationTime(NumericDate.fromSeconds(Integer.MAX_VALUE));
    return new DefaultJWTCallerPrincipal(claims);
  }
}
