package dev.parley.session;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.MessageId;
import java.time.Instant;

/// One thing that every client of the session is told, in one order. Numbered 1, 2, 3… per session
/// without gaps: the number is the resume cursor. The record names are the wire's `_tag`s.
public sealed interface Frame {

  record UserMessage(dev.parley.session.UserMessage message) implements Frame {}

  record SessionStarted(TurnId turnId, MessageId messageId, Instant startedAt) implements Frame {}

  record StreamEvent(TurnId turnId, ChatStreamEvent event) implements Frame {}

  record SessionStopped(TurnId turnId, Event.TurnOutcome outcome, boolean discarded)
      implements Frame {}

  /// @param inclusive that message has left history too; otherwise what follows it has
  record MessagesDiscarded(MessageId fromMessageId, boolean inclusive) implements Frame {}

  record SessionRenamed(String title) implements Frame {}

  /// The last frame of a session.
  record SessionDeleted(SessionKey sessionId) implements Frame {}

  record MessageQueued(dev.parley.session.UserMessage message) implements Frame {}

  record MessageDequeued(MessageId messageId, DequeueReason reason) implements Frame {}

  /// Why a message is no longer waiting.
  enum DequeueReason {
    STARTED,
    REMOVED
  }
}
