/// Turns that a model answers: step by step it is asked, its tools run, and it is asked again with
/// what came of them. The door is [dev.parley.agent.turn.ModelAgent].
///
/// **Invariants**
/// - A turn has one exchange with its provider at a time, and none once it is over or nobody wants
///   it any more.
/// - A model is asked again only before its first word.
/// - The same history gives the same request.
/// - A tool that may have run is not run again by itself.
@NullMarked
package dev.parley.agent.turn;

import org.jspecify.annotations.NullMarked;
