package dev.parley.store.page;

import dev.parley.content.MessageId;
import dev.parley.session.TurnId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One run of the agent, as lists show it.
///
/// @param messageId the message it answers
/// @param status `streaming`, `completed`, `interrupted` or `error`
/// @param completedAt absent while it runs, and so is `reason`
public record Turn(
    TurnId id,
    MessageId messageId,
    String status,
    Instant startedAt,
    @Nullable Instant completedAt,
    @Nullable String reason) {}
