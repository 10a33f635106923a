package dev.parley.session;

import dev.parley.content.MessageId;
import org.jspecify.annotations.Nullable;

/// What a command that was carried out answers its sender, once it is durable.
public sealed interface Reply {

  /// Nothing to tell.
  record Done() implements Reply {}

  /// @param duplicate the same send was carried out before; this is its answer again
  record Started(MessageId messageId, TurnId turnId, boolean duplicate) implements Reply {}

  record Queued(UserMessage message, boolean duplicate) implements Reply {}

  /// @param turnId the turn that was stopped; absent: none was
  /// @param seq the frame that told so
  record Interrupted(@Nullable TurnId turnId, @Nullable Long seq) implements Reply {}

  record Dequeued(boolean removed) implements Reply {}

  /// @param acknowledged it is the answer that holds
  record Acknowledged(boolean acknowledged) implements Reply {}
}
