/// What is said in a turn: the events an agent's answer consists of, and the message they add up
/// to.
///
/// Values only: immutable, JDK only, no knowledge of sessions, storage or sockets. The names follow
/// the UI message stream of the AI SDK, so that a browser client needs no translation.
///
/// **Invariant.** Joining adjacent deltas of one part changes neither content nor order:
/// [TurnOutput] of the joined events equals [TurnOutput] of the single ones.
@NullMarked
package dev.parley.content;

import org.jspecify.annotations.NullMarked;
