/// Lists that stay true: whoever watches a user's sessions is told the list and then every change
/// of it.
///
/// [SessionWatches] is the door. A [Watch] is one client's: a set of sessions it has to be told of,
/// not a queue. What it tells is read from the store when the client asks for more, so a session
/// that changed many times meanwhile is told once, as it is.
///
/// **Invariants**
/// - What is told is committed, and the last state of every session of the list is told.
/// - A change is told after the list, or is in it: a watch is woken from before it reads.
/// - Demand is acknowledgement, as with a subscription.
/// - A watch keeps the keys of the sessions to tell of and no more, up to a limit; beyond, it tells
///   the whole list again.
///
/// **Failure.** While the store is away watches end with `UNAVAILABLE`. A sweep asks the store for
/// each watched user's newest activity; one that no wake told of is counted, and the list is told
/// again.
@NullMarked
package dev.parley.effect.watch;

import org.jspecify.annotations.NullMarked;
