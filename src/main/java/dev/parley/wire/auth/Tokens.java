package dev.parley.wire.auth;

import io.smallrye.mutiny.Uni;

/// Says whose a token is.
public interface Tokens {

  /// What is to be said of a token.
  sealed interface Verdict {

    record Known(Caller caller) implements Verdict {}

    record Unknown(Access.Reason reason) implements Verdict {}
  }

  /// Never fails. Emits at once, or later on the Vert.x context that it was called on.
  Uni<Verdict> verify(String token);
}
