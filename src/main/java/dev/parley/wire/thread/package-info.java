/// The thread protocol: one socket for the life of a thread view, on `/api/chat/ws`. A message goes
/// in, the tokens of its answer come out, each frame one JSON object with its `type` and the
/// `requestId` the client gave.
///
/// [ThreadSocket] carries it, [ThreadConnection] is one client's thread, a [ThreadRequest] one
/// message of it from its send to its last frame. A `requestId` is the send's `clientMessageId`, so
/// sending a message again after a lost connection runs nothing twice, and a request can be taken
/// up again by its name on another socket.
///
/// **Invariants**
/// - A connection's state is touched on its own Vert.x context only.
/// - Every request ends with exactly one of `final`, `error` and `cancelled`, unless the socket
///   closes first; it goes on without the socket.
/// - Requests, and what waits for the thread to be found, are bounded ([ThreadSettings]).
///
/// **Failure.** Bad input is answered by an `error` and the socket stays open; only a thread that
/// is missing, malformed, unknown or deleted closes it, with 1008.
@NullMarked
package dev.parley.wire.thread;

import org.jspecify.annotations.NullMarked;
