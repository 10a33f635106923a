/// Connections, whatever is spoken on them: what waits to be written ([Outbox]), whether the other
/// side still lives ([Heartbeats]), and the open sockets of an endpoint with what becomes of them
/// ([Sockets]). A protocol is a [Peer] and writes to an [Outbound].
///
/// **Invariants**
/// - A connection's state is touched on its own Vert.x context only; whatever comes from elsewhere
///   hops there first.
/// - What waits to be written is bounded ([ConnectionSettings]); a client that does not read is
///   disconnected.
///
/// **Failure.** A socket that breaks, or says nothing after a ping, is forgotten at once, and its
/// peer is told; closing it in good form comes after that.
@NullMarked
package dev.parley.wire.connection;

import org.jspecify.annotations.NullMarked;
