package dev.parley.session;

import dev.parley.content.MessageId;
import dev.parley.content.MessagePart;
import dev.parley.content.Usage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One message of a session's history.
public sealed interface ChatMessage {

  MessageId id();

  record OfUser(UserMessage message) implements ChatMessage {
    @Override
    public MessageId id() {
      return message.id();
    }
  }

  /// @param interrupted the answer was cut short
  record OfAgent(
      MessageId id,
      TurnId turnId,
      List<MessagePart> parts,
      boolean interrupted,
      Usage usage,
      @Nullable String model,
      Instant at)
      implements ChatMessage {
    public OfAgent {
      parts = List.copyOf(parts);
    }
  }
}
