package dev.parley.store;

import dev.parley.session.SessionState;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A session as it was read.
///
/// @param epoch the owner epoch at that instant
/// @param lastCommit the append that was applied last
/// @param unsnapshotted events that followed the snapshot
public record StoredSession(
    long sid, long epoch, SessionState state, @Nullable UUID lastCommit, int unsnapshotted) {}
