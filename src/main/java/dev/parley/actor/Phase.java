package dev.parley.actor;

/// Where a session's actor is in its life.
enum Phase {
  /// Nothing is known of the session yet.
  LOADING,
  /// No commit is in flight.
  READY,
  /// One commit is in flight.
  COMMITTING,
  /// The last commit failed, or may have; the truth is being read.
  RECOVERING,
  /// Not an actor any more.
  GONE;

  /// Whether the store is asked something, and nothing else goes on before its answer.
  boolean isWaiting() {
    return this == LOADING || this == COMMITTING || this == RECOVERING;
  }
}
