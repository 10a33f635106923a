package dev.parley.session;

import dev.parley.content.MessageId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a send was answered, kept so that the same send gets the same answer.
///
/// @param turnId the turn it started; absent: it was queued
public record SendReceipt(MessageId messageId, @Nullable TurnId turnId, Instant at) {}
