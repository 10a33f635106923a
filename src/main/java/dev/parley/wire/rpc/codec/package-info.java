/// The messages of Effect RPC and their forms: what clients of three versions of the library send
/// ([RpcReader], [Dialect]), how messages are kept apart ([Serialization], [LineSplitter]), and
/// what is said to them ([RpcWriter]).
///
/// Source: the wire format of `@effect/rpc` 0.76, of the betas of `effect` 4, and of `effect` 4.1.
///
/// **Invariants**
/// - Reading never fails: what cannot be read is a message that says so.
/// - What is kept of an unfinished message is bounded, and so is what is looked at of one that is
///   too long.
/// - What is written is JSON without its end; who carries it adds that.
@NullMarked
package dev.parley.wire.rpc.codec;

import org.jspecify.annotations.NullMarked;
