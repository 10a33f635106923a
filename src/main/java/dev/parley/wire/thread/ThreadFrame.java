package dev.parley.wire.thread;

import dev.parley.session.ClientMessageId;
import dev.parley.session.Refusal;
import org.jspecify.annotations.Nullable;

/// One frame of a client.
sealed interface ThreadFrame {

  record Message(ClientMessageId requestId, String content) implements ThreadFrame {}

  record Cancel(ClientMessageId requestId) implements ThreadFrame {}

  /// @param requestId as it came, where it can be told back
  record Wrong(@Nullable String requestId, Refusal refusal) implements ThreadFrame {}
}
