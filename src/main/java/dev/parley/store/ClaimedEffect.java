package dev.parley.store;

import dev.parley.content.JsonText;
import dev.parley.session.Effect;
import dev.parley.session.SessionKey;

/// An effect that is to be executed now.
///
/// @param id the idempotency key of its execution
/// @param attempts the number of this attempt: what its outcome is recorded under
/// @param attemptsBefore attempts before an operator had it run again
public record ClaimedEffect(
    String id,
    long sid,
    SessionKey key,
    Effect.Kind kind,
    JsonText payload,
    int attempts,
    int attemptsBefore) {

  /// The number of this attempt in the present run, from 1 on.
  public int tries() {
    return attempts - attemptsBefore;
  }
}
