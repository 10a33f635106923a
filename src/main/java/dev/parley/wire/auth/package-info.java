/// Who is calling, and what he may do.
///
/// A caller is made sure of once, where his request comes in: by a token ([Tokens]) or by a ticket
/// that stands for one ([Tickets]). What he is then ([Caller]) goes with his request or his socket
/// ([Callers]), and [Access] decides, for every protocol, whom of it he reaches.
///
/// **Invariants**
/// - A request of which nobody knows whose it is reaches nothing: there is no caller to fall back
///   on.
/// - Signatures, issuers, audiences and times of tokens are checked by the library alone, set up by
///   its own standard settings.
/// - A token, or a ticket, is in no log, no metric and no answer but the one that issues it.
/// - What waits is bounded: tickets, verifications, the time that a token is good for.
///
/// **Failure.** A refusal says nothing of whether what was asked for exists.
@NullMarked
package dev.parley.wire.auth;

import org.jspecify.annotations.NullMarked;
