/// Delivery: what was committed reaches everybody who is connected, and nothing else does.
///
/// [EffectRunner] is woken by each commit for the sessions it touched, and sweeps on a schedule for
/// what was missed. A subscription is a cursor over a session's frames, not a queue: it reads the
/// ring of recent frames when it is close to the head and the store in pages when it is not, so a
/// slow client costs nothing and a resume is the same code as a first subscription.
///
/// **Invariants**
/// - A frame is delivered only after its commit, in order, once per subscription, from its cursor
///   on.
/// - Demand is acknowledgement: the next batch is asked for when the one before has arrived.
/// - Nothing is kept per client but its position.
///
/// **Failure.** While the store is away subscriptions end with `UNAVAILABLE`; a cursor that cannot
/// be honoured is answered by an `InitialState` with `reset`. A lost wake is found by the sweep,
/// and counted.
@NullMarked
package dev.parley.effect;

import org.jspecify.annotations.NullMarked;
