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

  /// Why Parley could not, in a call or in a turn. The names are the wire's.
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
    EVENT_UNREADABLE,
    /// Of a turn: the model's provider takes no requests under that key, or without one.
    MODEL_KEY_REFUSED,
    /// Of a turn: the account at the provider is empty.
    MODEL_NO_CREDIT,
    /// Of a turn: the provider has no model of that name.
    MODEL_UNKNOWN,
    /// Of a turn: the provider does not take the request as it is.
    MODEL_REFUSED,
    /// Of a turn: the provider wants fewer requests.
    MODEL_RATE_LIMITED,
    /// Of a turn: the provider cannot answer at the moment.
    MODEL_OVERLOADED,
    /// Of a turn: the provider cannot be reached.
    MODEL_UNREACHABLE,
    /// Of a turn: the connection to the provider was lost before its answer was whole.
    MODEL_LOST,
    /// Of a turn: what the provider says is not in its format.
    MODEL_UNREADABLE,
    /// Of a turn: the conversation does not fit into the model.
    CONTEXT_TOO_LONG,
    /// Of a turn: the provider does not answer what was asked.
    CONTENT_FILTERED,
    /// Of a turn: asking the model again would cost more tokens than it may.
    COST_LIMIT
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
