/// What a session is and decides: the pure core of Parley.
///
/// [SessionDecider] turns a state and a command into a [Decision]; [SessionState] is the fold of
/// the events. JDK and `content` only: no framework, no clock, no randomness (times and new ids
/// arrive in the command), so every rule is tested with values alone.
///
/// **Invariants**
/// - `evolve` never refuses; `decide` never changes anything.
/// - One running turn at a time; each turn gets exactly one `TurnEnded`, and no frame of the turn
///   follows its `SessionStopped`.
/// - Events are numbered 1, 2, 3… and so are frames; each event records the frame head behind it.
/// - The state a decision leads to is the fold of its events and frames over the state it began
///   from, by construction.
@NullMarked
package dev.parley.session;

import org.jspecify.annotations.NullMarked;
