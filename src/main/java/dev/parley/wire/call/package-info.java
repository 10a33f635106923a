/// Parley's calls as every protocol sees them: a tag and a JSON payload in, JSON out.
///
/// [SessionCalls] checks a payload, hands it to the hub, the runner, the watches or a reader and
/// encodes the answer; how messages are framed is the protocol's own business.
///
/// **Invariants**
/// - No rule lives here but the checks of form: what passes is storable, bounded text.
/// - Every [dev.parley.session.Refusal] has an encoding ([RefusalJson]), and the compiler knows.
/// - Requests are decoded and answers encoded by hand, token by token: nothing here needs
///   reflection.
///
/// **Failure.** What a client did wrong, and what Parley could not do, is a
/// [dev.parley.session.RefusedException]; any other exception is a defect of ours.
@NullMarked
package dev.parley.wire.call;

import org.jspecify.annotations.NullMarked;
