package dev.parley.wire.connection;

/// What a protocol makes of one socket. Called on the socket's context; returns at once.
public interface Peer {

  /// A message came in, text or binary: its bytes.
  void receive(byte[] message);

  /// The socket is gone, or is to go; nothing comes after it.
  void closed();
}
