package dev.parley.wire.thread;

import dev.parley.wire.connection.ConnectionSettings;

/// Bounds of one connection of the thread protocol.
///
/// @param requestsMax messages under way; each holds a subscription
/// @param frameBytesMax of one frame of the client, and of all that come before the thread is found
/// @param contentBytesMax of one message
/// @param connection those of every connection
public record ThreadSettings(
    int requestsMax, int frameBytesMax, int contentBytesMax, ConnectionSettings connection) {
  public ThreadSettings {
    if (requestsMax < 1 || frameBytesMax < 1 || contentBytesMax < 1) {
      throw new IllegalArgumentException("a thread needs room for a message");
    }
  }
}
