package dev.parley.wire.rpc.codec;

import dev.parley.wire.call.JsonFields;

/// The name a client gave a call. A number and a string are never the same name, and each is
/// answered as what it was.
///
/// @param text the string, or the number as it was written
public record RpcId(boolean number, String text) {
  static final int LENGTH_MAX = 128;

  /// As it was written.
  public String json() {
    return number ? text : JsonFields.quote(text);
  }
}
