package dev.parley.wire.rpc;

import dev.parley.wire.rpc.codec.Serialization;

/// How one client talks.
///
/// @param carrier what carries its bytes
/// @param serialization how it keeps messages apart, and wants to have them kept apart
/// @param beta it speaks [dev.parley.wire.rpc.codec.Dialect#V4_BETA] where it uses string ids
record Manner(Carrier carrier, Serialization serialization, boolean beta) {

  /// What carries messages.
  enum Carrier {
    /// Both sides speak at any time: a stream sends its next Chunk when the client has acknowledged
    /// the last one, and it is written.
    SOCKET,
    /// The client has spoken, and there is no way back: a stream sends its next Chunk when the last
    /// one is written.
    HTTP
  }
}
