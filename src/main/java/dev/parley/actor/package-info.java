/// Sessions at work: one virtual actor each, behind one door, [SessionHub].
///
/// A [SessionActor] exists while somebody needs it. It is activated by claiming its session under a
/// new epoch and loading it, and passivated when it has been idle for a while; subscriptions need
/// none. It takes what is there, decides on a draft of its committed state, commits once, and only
/// then swaps, answers and starts agents.
///
/// **Invariants**
/// - Everything of one session happens on one loop, one thing at a time.
/// - At most one commit of a session is in flight. What the agent says meanwhile is coalesced and
///   goes with the next.
/// - What anybody is answered is durable.
/// - Mailbox and turn buffer are bounded; an agent is asked for more only when there is room.
///
/// **Failure.** When a commit was not applied, or nobody knows, the draft is thrown away, the
/// session is claimed again and loaded, and the truth is answered; a turn whose agent was cut off
/// by that ends with an error. An actor that lost its session answers so and goes.
@NullMarked
package dev.parley.actor;

import org.jspecify.annotations.NullMarked;
