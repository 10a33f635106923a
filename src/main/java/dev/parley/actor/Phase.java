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

  /// Whether it ends with one answer, which comes or is given up within limits of its own. Reading
  /// the truth takes as long as the store is away.
  boolean isBounded() {
    return this == LOADING || this == COMMITTING;
  }
}
