/// What is not kept for ever: frames of turns that ended long ago, all that is left of deleted
/// sessions, and what users spent on days long past.
///
/// **Invariants**
/// - A turn that runs keeps all of its frames; history never loses anything.
/// - A round is bounded: so many statements, each of so many rows, one after the other.
///
/// **Failure.** While the store is away nothing is removed; that is logged once, and the next round
/// goes on. A round that dies in the middle leaves the rest to the next: what is to be removed is
/// asked of the tables each time.
@NullMarked
package dev.parley.retention;

import org.jspecify.annotations.NullMarked;
