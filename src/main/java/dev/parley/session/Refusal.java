package dev.parley.session;

import org.jspecify.annotations.Nullable;

/// Every expected way in which a call is not carried out. A closed set: each protocol has an answer
/// for every one of them, and the compiler knows when one is forgotten.
public sealed interface Refusal {

  /// No session of that key exists.
  record SessionNotFound(SessionKey key) implements Refusal {}

  /// A turn is running and the caller wanted none waited for or stopped.
  record SessionBusy(SessionKey key) implements Refusal {}

  /// A session of that key exists already.
  record SessionExists(SessionKey key) implements Refusal {}

  /// The request cannot be meant: `field` names the part of it that is wrong, where there is one.
  record InvalidRequest(String message, @Nullable String field) implements Refusal {}

  /// A documented limit. `retryAfterMs` tells when trying again may help; absent: never as it is.
  record LimitExceeded(String limit, String message, @Nullable Long retryAfterMs)
      implements Refusal {}

  /// The caller may not.
  record NotAllowed(String message) implements Refusal {}

  /// Parley could not: nothing of the call happened, unless a retry of the same `clientMessageId`
  /// finds that it did.
  record Failed(Code code, String message, boolean retryable) implements Refusal {}

  /// Why Parley could not. The names are the wire's.
  enum Code {
    TURN_CREATE_ERROR,
    MESSAGE_CREATE_ERROR,
    AGENT_ERROR,
    AGENT_UNKNOWN,
    /// The store is away, or what it did is not known yet.
    UNAVAILABLE,
    /// The node is stopping.
    DRAINING,
    /// The store holds something this version cannot read.
    EVENT_UNREADABLE
  }

  /// The one word for it, where there is room for one.
  default String codeName() {
    return switch (this) {
      case SessionNotFound _ -> "SESSION_NOT_FOUND";
      case SessionBusy _ -> "SESSION_BUSY";
      case SessionExists _ -> "SESSION_EXISTS";
      case InvalidRequest _ -> "INVALID_REQUEST";
      case LimitExceeded _ -> "LIMIT_EXCEEDED";
      case NotAllowed _ -> "NOT_ALLOWED";
      case Failed failed -> failed.code().name();
    };
  }

  /// The answer while the store is away or a session moves.
  static Failed unavailable() {
    return new Failed(
        Code.UNAVAILABLE, "The session's store is not available at the moment.", true);
  }

  /// The answer of a node that stops; another, or this one after its next start, gives a better
  /// one.
  static Failed draining() {
    return new Failed(Code.DRAINING, "This node is stopping.", true);
  }
}
