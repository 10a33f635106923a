/// What is kept: heads, events, frames, effects, snapshots and read tables, and the JSON they are
/// stored as.
///
/// **The one write path** is [Journal]: appends of many sessions share one statement, and a
/// session's append is applied whole or not at all. [EventStore] is the port that actors use,
/// [Outbox] the one that delivery uses; SQL stands next to the method that runs it.
///
/// **Invariants**
/// - An append names the owner epoch, the event and the frame it expects; when one of them has
///   moved on nothing is written.
/// - A listener hears of frames only after the server has confirmed the commit.
/// - Read tables are a function of the events ([Projection]). The ledger of tokens ([Spending]) is
///   none of them: what it counts is counted once, with the commit, and outlives the session.
///
/// **Failure.** A payload that the store refuses harms its own session only. A commit whose outcome
/// is not known is reported as such; nothing here guesses.
@NullMarked
package dev.parley.store;

import org.jspecify.annotations.NullMarked;
