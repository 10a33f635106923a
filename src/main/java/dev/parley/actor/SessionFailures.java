package dev.parley.actor;

import dev.parley.session.Refusal;
import dev.parley.session.Refusal.Code;
import dev.parley.session.SessionKey;

/// What callers are told when their session itself fails.
final class SessionFailures {
  /// A defect.
  static final Refusal BROKEN =
      new Refusal.Failed(Code.TURN_CREATE_ERROR, "The session failed.", true);

  /// What they sent cannot be stored.
  static final Refusal NOT_STORED =
      new Refusal.Failed(Code.MESSAGE_CREATE_ERROR, "The store refuses this content.", false);

  /// The session was found with a turn whose end cannot be stored.
  static final Refusal NOT_MENDED =
      new Refusal.Failed(Code.TURN_CREATE_ERROR, "The session's turn cannot be ended.", true);

  private SessionFailures() {}

  static Refusal notFound(SessionKey key) {
    return new Refusal.SessionNotFound(key);
  }
}
