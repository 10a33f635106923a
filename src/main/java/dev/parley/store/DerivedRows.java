package dev.parley.store;

import dev.parley.session.SessionState;
import org.jspecify.annotations.Nullable;

/// What some events of a session leave in the tables that can be made again from them. Commits
/// write it beside the events, a rebuild after reading them.
///
/// @param after the state behind the events
/// @param listed whether the session's row shows `after`
/// @param snapshot of `after`, when one is to be written
/// @param checkpoint the agent's own state that goes with the snapshot
record DerivedRows(
    long sid,
    Projection projection,
    SessionState after,
    boolean listed,
    @Nullable String snapshot,
    @Nullable String checkpoint) {}
