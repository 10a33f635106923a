package dev.parley.store;

import io.smallrye.mutiny.Uni;
import java.time.Instant;

/// How what nobody needs any more leaves the store: in statements of bounded size, beside the
/// commits, none of which waits for one of them. Each call makes one such statement; whoever wants
/// all of it gone calls until nothing is found.
///
/// Every `Uni` may emit on any thread, and fails with [StoreUnavailableException] while the store
/// is away. A call whose answer was lost may have done its work; calling again does the rest.
public interface Removal {

  /// Removes frames of turns that ended before `endedBefore`, and of each of their sessions those
  /// that came before: what is kept is always the end of a session's frames, without gaps. A turn
  /// that runs keeps its frames, however old they are. History does not change.
  ///
  /// @param turnsMax turns that are looked at, those that ended first
  /// @param framesMax frames that are removed
  Uni<OldFrames> frames(Instant endedBefore, int turnsMax, int framesMax);

  /// Removes what is stored of sessions that were deleted before `deletedBefore`. With the first
  /// call that touches a session nothing of it can be claimed, committed or loaded any more; the
  /// call that removes its last rows removes what names it.
  ///
  /// @param sessionsMax sessions that are looked at, those that were deleted first
  /// @param rowsMax rows that are removed from each table
  Uni<DeletedSessions> sessions(Instant deletedBefore, int sessionsMax, int rowsMax);

  /// Removes what users spent on days, in UTC, that ended before `endedBefore`.
  ///
  /// @param rowsMax users' days that are removed, the oldest first
  /// @return how many were
  Uni<Integer> tokens(Instant endedBefore, int rowsMax);

  /// Gives back what the index of frames still holds of a burst that is over: an index that is
  /// nearly empty is made again, beside the commits. That takes as long as the database needs, and
  /// waits for transactions of others that are open; whoever asks leaves it at one at a time. One
  /// that dies in the middle leaves an index that nobody uses, which the next one removes.
  ///
  /// @return whether it was made again
  Uni<Boolean> shrink();

  /// @param turns of which no frame is left
  /// @param frames that were removed
  record OldFrames(int turns, int frames) {
    /// There was nothing to do, and there is nothing left.
    public boolean isNothing() {
      return turns == 0 && frames == 0;
    }
  }

  /// @param sessions of which nothing is left
  /// @param rows that were removed
  record DeletedSessions(int sessions, int rows) {
    /// There was nothing to do, and there is nothing left.
    public boolean isNothing() {
      return sessions == 0 && rows == 0;
    }
  }
}
