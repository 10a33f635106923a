/// Effect RPC, as its unmodified public clients speak it: on `/ws`, and on `POST /api/rpc` with and
/// without a trailing slash.
///
/// A connection's messages are read and written by `wire.rpc.codec`; a [RpcConnection] carries them
/// out and knows its calls ([OpenCalls]); [RpcSocket] and [RpcRoute] only carry bytes. What the
/// calls are and mean is `wire.call`'s.
///
/// **Invariants**
/// - A connection's state is touched on its own Vert.x context only; whatever comes from elsewhere
///   hops there first.
/// - Per stream there is at most one Chunk that the client has not acknowledged; over HTTP, that
///   has not been written. The subscription is asked for nothing meanwhile.
/// - A Pong overtakes everything that waits to be written.
/// - Every call that was accepted and not interrupted by a closing connection ends with exactly one
///   Exit, unless it asked for no reply.
/// - Messages, calls, streams, what cannot be read, and what waits to be written are bounded
///   ([RpcSettings]); so is how many messages a second are carried out.
///
/// **Failure.** A call that fails ends with its own Exit and harms no other. Only input that
/// belongs to no call is answered with a Defect, and the connection goes on. A closed connection
/// cancels its subscriptions and forgets its calls; what they set in motion goes on.
@NullMarked
package dev.parley.wire.rpc;

import org.jspecify.annotations.NullMarked;
