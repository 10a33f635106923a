package dev.parley.store.page;

import dev.parley.content.MessageId;
import dev.parley.session.TurnId;
import org.jspecify.annotations.Nullable;

/// Where a turn stands in its session.
///
/// @param messageId the message it answers
/// @param answerId the message that it says
/// @param status as in [Turn]
/// @param lastFrame the frame that tells that it stopped; absent while it runs, and so is `reason`
public record TurnPlace(
    long sid,
    TurnId id,
    MessageId messageId,
    MessageId answerId,
    String status,
    @Nullable String reason,
    long firstFrame,
    @Nullable Long lastFrame) {

  public boolean isRunning() {
    return lastFrame == null;
  }
}
