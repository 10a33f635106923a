/// What became of a message, step by step, for whoever traces messages: times and names, never
/// content.
///
/// [Traces] is the port that the parts of the node tell of what they did; [OpenTraces] puts it
/// together and hands each message on once, as a [MessageTrace], when nothing more is to come. What
/// traces are written in, and where they go, is known to the composition alone.
///
/// **Invariants**
/// - Nothing waits for a trace, and none can make anything fail.
/// - At most one trace is open for each message that waits or is answered, and one more for each
///   session: as many as sessions themselves hold.
/// - While nobody traces, nothing is kept.
///
/// **Failure.** A trace is in memory only: a node that is lost takes its open ones along, and a
/// turn that goes on elsewhere has none.
@NullMarked
package dev.parley.trace;

import org.jspecify.annotations.NullMarked;
