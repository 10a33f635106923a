package dev.parley.store;

import dev.parley.content.Usage;
import dev.parley.session.Incarnation;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A session as lists show it.
///
/// @param streaming a turn is running
public record SessionInfo(
    SessionKey key,
    Incarnation incarnation,
    @Nullable String title,
    boolean streaming,
    @Nullable String model,
    Usage usage,
    Instant createdAt,
    Instant lastActivityAt) {

  public static SessionInfo of(SessionState.Present state) {
    SessionState.Core core = state.core();
    return new SessionInfo(
        core.key(),
        core.incarnation(),
        core.title(),
        state instanceof SessionState.Streaming,
        core.model(),
        core.usage(),
        core.createdAt(),
        core.lastActivityAt());
  }
}
