package dev.parley.store;

import dev.parley.content.JsonText;
import dev.parley.session.SessionState;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A session as it was read.
///
/// @param epoch the owner epoch at that instant
/// @param lastCommit the append that was applied last
/// @param unsnapshotted events that followed the snapshot
/// @param checkpoint the agent's own state, as the snapshot has it; absent when messages have come
///   or gone since
public record StoredSession(
    long sid,
    long epoch,
    SessionState state,
    @Nullable UUID lastCommit,
    int unsnapshotted,
    @Nullable JsonText checkpoint) {

  /// A session of which the store has nothing any more.
  static StoredSession gone(long sid) {
    return new StoredSession(sid, 0, new SessionState.Absent(), null, 0, null);
  }

  /// Whether the store has nothing of it any more; of a session that was claimed once.
  public boolean isGone() {
    return epoch == 0;
  }
}
