package dev.parley.wire.connection;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.wire.auth.Caller;
import dev.parley.wire.auth.Expiry;
import dev.parley.wire.auth.Standing;
import dev.parley.wire.auth.Tokens;
import dev.parley.wire.auth.Tokens.Verdict;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.Objects;

/// Whose a socket is. One timer waits for the end of its token, if it has one. Used on the socket's
/// context.
final class SocketStanding implements Standing {
  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private final Tokens tokens;
  private final Runnable expired;
  private Caller caller;
  private long timer = NO_TIMER;
  private boolean over;

  /// @param expired run once, on the socket's context, when the token has come to its end
  SocketStanding(Vertx vertx, Tokens tokens, Caller caller, Runnable expired) {
    this.vertx = vertx;
    this.tokens = tokens;
    this.caller = caller;
    this.expired = expired;
    arm();
  }

  private void arm() {
    Instant end = caller.expiresAt();
    if (end != null) {
      timer = vertx.setTimer(Expiry.delayMs(end), _ -> expired.run());
    }
  }

  private void disarm() {
    if (timer != NO_TIMER) {
      boolean _ = vertx.cancelTimer(timer);
      timer = NO_TIMER;
    }
  }

  @Override
  public Caller caller() {
    return caller;
  }

  @Override
  public Uni<Caller> renew(String token) {
    return caller.expiresAt() == null
        ? Standing.of(caller).renew(token)
        : tokens.verify(token).map(this::renewed);
  }

  private Caller renewed(Verdict verdict) {
    if (!(verdict instanceof Verdict.Known(var later))
        || !Objects.equals(later.userId(), caller.userId())) {
      throw new RefusedException(
          new Refusal.NotAllowed("The token is no good, or not of the user of this connection."));
    }
    if (!over) {
      caller = later;
      disarm();
      arm();
    }
    return later;
  }

  /// The socket is gone, or is to go.
  void end() {
    over = true;
    disarm();
  }
}
