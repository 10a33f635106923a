package dev.parley.wire.auth;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;

/// The end of a token while its caller is still served.
public final class Expiry {
  /// What is said at the end.
  public static final String REASON = "token expired";

  /// What a timer can be set to, and more than a token lives.
  private static final Duration LONGEST = Duration.ofDays(3650);

  private Expiry() {}

  /// What a stream ends with.
  public static RefusedException refusal() {
    return new RefusedException(new Refusal.NotAllowed("The token has expired."));
  }

  /// How long a timer has to wait for it; at least 1.
  public static long delayMs(Instant end) {
    Duration left = Duration.between(Instant.now(), end);
    return left.compareTo(LONGEST) > 0 ? LONGEST.toMillis() : Math.max(1, left.toMillis() + 1);
  }

  /// Watches over a response that may last.
  ///
  /// @param expired run on the request's context, if the response lasts so long
  public static void watch(Vertx vertx, RoutingContext http, Runnable expired) {
    Instant end = Callers.of(http).expiresAt();
    if (end != null) {
      long timer = vertx.setTimer(delayMs(end), _ -> expired.run());
      http.addEndHandler(_ -> vertx.cancelTimer(timer));
    }
  }
}
