package dev.parley.wire.auth;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;

/// Decides what a caller may do, whatever he speaks, and counts who was refused. Whether what is
/// out of his reach exists is never looked at.
public final class Access {

  /// Why somebody was refused, as metrics say it.
  public enum Reason {
    NO_TOKEN("no-token"),
    INVALID_TOKEN("invalid-token"),
    EXPIRED_TOKEN("expired-token"),
    /// It is none, was used before, or came too late.
    INVALID_TICKET("invalid-ticket"),
    /// What tokens are checked with cannot be had, or too many wait for it.
    KEYS_AWAY("keys-away"),
    FOREIGN_ORIGIN("foreign-origin"),
    FOREIGN_USER("foreign-user"),
    OPERATORS_ONLY("operators-only");

    private final String word;

    Reason(String word) {
      this.word = word;
    }
  }

  private final Map<Reason, Counter> refusals = new EnumMap<>(Reason.class);

  public Access(MeterRegistry metrics) {
    for (Reason reason : Reason.values()) {
      refusals.put(
          reason,
          Counter.builder("parley.auth.refusals")
              .description("Callers who were refused because of who they are")
              .tag("reason", reason.word)
              .register(metrics));
    }
  }

  /// Counts a refusal that was decided where the caller came in.
  public void refused(Reason reason) {
    Counter counter = refusals.get(reason);
    if (counter != null) {
      counter.increment();
    }
  }

  /// @throws RefusedException with [Refusal.NotAllowed] when the user is not the caller
  public void demand(Caller caller, String userId) {
    String own = caller.userId();
    if (own != null && !own.equals(userId)) {
      refused(Reason.FOREIGN_USER);
      throw new RefusedException(
          new Refusal.NotAllowed("A caller reaches the sessions of its own user only."));
    }
  }

  /// The key, when its user is the caller.
  ///
  /// @throws RefusedException as [#demand(Caller, String)]
  public SessionKey demand(Caller caller, SessionKey key) {
    demand(caller, key.userId());
    return key;
  }

  /// @throws RefusedException with [Refusal.NotAllowed] for a mere user
  public void demandOperator(Caller caller) {
    switch (caller) {
      case Caller.Everybody _, Caller.Operator _ -> {}
      case Caller.User _ -> {
        refused(Reason.OPERATORS_ONLY);
        throw new RefusedException(new Refusal.NotAllowed("This is for operators."));
      }
    }
  }
}
