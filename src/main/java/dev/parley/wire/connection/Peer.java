package dev.parley.wire.connection;

/// What a protocol makes of one socket. Called on the socket's context; returns at once.
public interface Peer {

  /// A message came in, text or binary: its bytes.
  void receive(byte[] message);

  /// The node stops: the peer closes with [Outbound#GOING_AWAY] once all is answered and written.
  ///
  /// @param reason what its client is told
  void leave(String reason);

  /// The socket is gone, or is to go; nothing comes after it.
  void closed();
}
