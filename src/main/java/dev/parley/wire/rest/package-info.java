/// REST: what tools without an Effect RPC client read and do. Codecs of the same calls: a
/// [RestCall] goes through the one door of `wire.call` and answers its JSON. Beside them the
/// operators' view of discrete effects ([EffectsResource]), which is no call and not for clients.
///
/// **Invariants**
/// - What is posted says that it is JSON ([JsonDemand]), so that no page of another site posts.
/// - A body is bounded, and no thread waits for it ([Bodies]).
///
/// **Failure.** Whatever is not carried out is answered as RFC 9457 says ([Problems], and for what
/// no resource sees [HttpProblems]): a refusal with the fields of its typed error, anything else
/// with the HTTP status alone.
@NullMarked
package dev.parley.wire.rest;

import org.jspecify.annotations.NullMarked;
