/// Discrete effects: what must be done outside once, as far as that is possible, after something
/// happened to a session.
///
/// [DiscreteEffects] is woken by each commit that wrote an effect, and on a schedule looks for what
/// is due: retries, what a crash left, wakes that were lost. It claims for as many sessions as it
/// has room for, one effect each, and an [Attempt] has an [EffectHandler] carry it out and records
/// the outcome. [WebhookHandler] is the handler of `call_webhook`.
///
/// ```
/// pending ──claim──► executing ──complete──► completed ──retention──► gone
///    ▲                │    │
///    ├─────retry──────┘    └──fail──► failed ──re-run──► pending
///    └──(lease ran out: claimed again)   ▲
///  expires_at passed ────────────────────┘
/// ```
///
/// **Invariants**
/// - At least once, under one id for all attempts; never again once that is recorded.
/// - Of a session only the lowest unfinished effect is executed; a given-up one stands in nobody's
///   way.
/// - Sessions take turns: after each of its effects a session goes behind all others that wait.
/// - No lock is held while an effect is executed; an outcome is recorded under the number of its
///   attempt, or not at all.
/// - Attempts, pauses, leases, what is executed at once and what is remembered are bounded.
///
/// **Failure.** A failed attempt is repeated after a pause that doubles and is partly chance, at
/// most so often, until the effect expires; then it is `failed` for an operator to look at. While
/// the store is away nothing is claimed, and an outcome is recorded as soon as it is back, if the
/// lease still runs.
@NullMarked
package dev.parley.effect.discrete;

import org.jspecify.annotations.NullMarked;
