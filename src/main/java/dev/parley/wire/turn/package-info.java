/// One turn, told from its first word to its last, whenever it was begun: what the thread protocol
/// and the UI message stream have in common.
///
/// [TurnStreams] is the door. A [TurnFollower] reads one subscription and picks its turn out of it:
/// the turn runs, or its message still waits, or the turn is over and is told as it is stored.
///
/// **Invariants**
/// - A listener gets what was said in order and once, then exactly one [TurnEnd], and nothing after
///   it.
/// - Nothing more is asked for before the listener has passed on what it was given, so a slow
///   client is a cursor over the log here too.
///
/// **Failure.** What a subscription fails with is the turn's end for this listener alone; the turn
/// goes on.
@NullMarked
package dev.parley.wire.turn;

import org.jspecify.annotations.NullMarked;
