package dev.parley.wire.rest;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.wire.auth.Access;
import dev.parley.wire.auth.Access.Reason;
import dev.parley.wire.auth.Caller;
import dev.parley.wire.auth.Callers;
import dev.parley.wire.auth.Tickets;
import dev.parley.wire.auth.Tokens;
import dev.parley.wire.auth.Tokens.Verdict;
import dev.parley.wire.connection.Admission;
import dev.parley.wire.connection.Upgrades;
import dev.parley.wire.connection.WireMetrics;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/// Finds out who is calling, before anything else of Parley sees a request, an upgrade included.
/// Whoever cannot be told is answered 401; a user who has too many sockets already, 429.
@Singleton
final class CallerGate {
  /// Behind what adds the headers of CORS (-300) and answers its questions, which carry no token:
  /// so a page can read why it was refused. Ahead of everything that serves.
  private static final int ORDER = -250;

  private final AuthSettings settings;
  private final Tokens tokens;
  private final Tickets tickets;
  private final Access access;
  private final Admission admission;
  private final WireMetrics metrics;

  CallerGate(
      AuthSettings settings,
      Tokens tokens,
      Tickets tickets,
      Access access,
      Admission admission,
      WireMetrics metrics) {
    this.settings = settings;
    this.tokens = tokens;
    this.tickets = tickets;
    this.access = access;
    this.admission = admission;
    this.metrics = metrics;
  }

  void register(@Observes Router router) {
    Guarded.route(router).order(ORDER).handler(this::pass);
  }

  private void pass(RoutingContext http) {
    if (!settings.demanded()) {
      enter(http, Caller.EVERYBODY);
      return;
    }
    switch (Credential.of(http.request())) {
      case Credential.None _ -> refuse(http, Reason.NO_TOKEN);
      case Credential.Ticket(var value) -> {
        Caller caller = tickets.redeem(value);
        if (caller == null) {
          refuse(http, Reason.INVALID_TICKET);
        } else {
          enter(http, caller);
        }
      }
      case Credential.Token(var value) -> new Verification(http).begin(value);
    }
  }

  private void enter(RoutingContext http, Caller caller) {
    if (!Upgrades.isOne(http.request())) {
      Callers.remember(http, caller);
      http.next();
    } else if (caller.userId() != null && admission.users().isFull(caller.userId())) {
      metrics.refused(admission.users().name());
      http.fail(new RefusedException(admission.users().refusal()));
    } else {
      Callers.rememberForSocket(http, caller);
      http.next();
    }
  }

  private void refuse(RoutingContext http, Reason reason) {
    access.refused(reason);
    http.fail(
        reason == Reason.KEYS_AWAY
            ? new RefusedException(
                new Refusal.Failed(
                    Refusal.Code.UNAVAILABLE,
                    "The keys that tokens are checked with cannot be had at the moment.",
                    true))
            : new UnauthenticatedException(reason));
  }

  /// A request that waits, if need be, until its token is checked.
  private final class Verification {
    private final RoutingContext http;
    private final HttpServerRequest request;
    private boolean done;
    private boolean waits;

    Verification(RoutingContext http) {
      this.http = http;
      this.request = http.request();
    }

    void begin(String token) {
      var _ = tokens.verify(token).subscribe().with(this::end, http::fail);
      if (!done) {
        waits = true;
        request.pause();
      }
    }

    private void end(Verdict verdict) {
      done = true;
      if (waits) {
        request.resume();
      }
      switch (verdict) {
        case Verdict.Known(var caller) -> enter(http, caller);
        case Verdict.Unknown(var reason) -> refuse(http, reason);
      }
    }
  }
}
