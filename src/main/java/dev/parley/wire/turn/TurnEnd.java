package dev.parley.wire.turn;

import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Refusal;

/// Why a follower has nothing more to tell.
public sealed interface TurnEnd {

  /// The turn is over. Its last word was said before.
  record Stopped(TurnOutcome outcome) implements TurnEnd {}

  /// The message was taken out of the queue, or never was there: no turn answers it.
  record Removed() implements TurnEnd {}

  /// The session was deleted, and the turn with it if it ran; then its last word was said before.
  record Deleted() implements TurnEnd {}

  /// The turn can be told no further just now.
  record Refused(Refusal refusal) implements TurnEnd {}

  /// Something broke that nobody foresaw; it is logged.
  record Broken() implements TurnEnd {}
}
