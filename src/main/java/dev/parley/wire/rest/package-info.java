/// REST: what tools without an Effect RPC client read and do. Codecs of the same calls: what they
/// answer is the JSON of `wire.call`. Beside them the operators' view of discrete effects
/// ([EffectsResource]), which is no call and not for clients.
///
/// **Failure.** Whatever is not carried out is answered as RFC 9457 says ([Problems]): a refusal
/// with the fields of its typed error, anything else with the HTTP status alone.
@NullMarked
package dev.parley.wire.rest;

import org.jspecify.annotations.NullMarked;
