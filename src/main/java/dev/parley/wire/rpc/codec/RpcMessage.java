package dev.parley.wire.rpc.codec;

import dev.parley.session.Refusal;
import org.jspecify.annotations.Nullable;

/// One message from a client.
public sealed interface RpcMessage {

  /// A call.
  ///
  /// @param payload its JSON; absent: none or `null`
  /// @param reply what the client wants to hear of the call
  record Request(RpcId id, String tag, @Nullable String payload, ReplyWish reply)
      implements RpcMessage {}

  /// What the client wants to hear of a call.
  enum ReplyWish {
    /// Everything.
    FULL,
    /// Only that it was accepted, or why not (`discard`).
    RECEIPT,
    /// Nothing (`isNotification`).
    NONE
  }

  record Ack(RpcId requestId) implements RpcMessage {}

  record Interrupt(RpcId requestId) implements RpcMessage {}

  record Ping() implements RpcMessage {}

  /// No more requests will come.
  record Eof() implements RpcMessage {}

  /// Means nothing and harms nothing: a `null` line, an Ack without an id.
  record Nothing() implements RpcMessage {}

  /// A request that breaks a bound of ours before it can be read whole.
  record Refused(RpcId id, Refusal refusal) implements RpcMessage {}

  /// Belongs to no call.
  ///
  /// @param why what the client is told
  record Unreadable(String why) implements RpcMessage {}
}
