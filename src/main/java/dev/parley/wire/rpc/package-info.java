/// Effect RPC, as its unmodified public clients speak it: on `/ws`, and on `POST /api/rpc` with and
/// without a trailing slash, one JSON message per line.
///
/// Bytes come in through [LineSplitter] and [RpcReader], belong to one [RpcConnection], and leave
/// through an outbox; [RpcSocket] and [RpcRoute] only carry them. What the calls are and mean is
/// `wire.call`'s. Source: the wire format of `@effect/rpc` 0.76, of the betas of `effect` 4, and of
/// `effect` 4.1 ([Dialect]).
///
/// **Invariants**
/// - A connection's state is touched on its own Vert.x context only; whatever comes from elsewhere
///   hops there first.
/// - Per stream there is at most one Chunk that the client has not acknowledged; over HTTP, that
///   has not been written. The subscription is asked for nothing meanwhile.
/// - A Pong overtakes everything that waits to be written.
/// - Every call that was accepted and not interrupted by a closing connection ends with exactly one
///   Exit, unless it asked for no reply.
/// - Lines, calls, and messages waiting to be written are bounded ([RpcSettings]).
///
/// **Failure.** A call that fails ends with its own Exit and harms no other. Only input that
/// belongs to no call is answered with a Defect, and the connection goes on. A closed connection
/// cancels its subscriptions and forgets its calls; what they set in motion goes on.
@NullMarked
package dev.parley.wire.rpc;

import org.jspecify.annotations.NullMarked;
