package dev.parley.store;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/// Discrete effects as those who execute them see them. All times are the store's own: nothing here
/// depends on a node's clock.
///
/// **Order.** Of a session only the lowest unfinished effect can be claimed. One that has expired
/// counts as finished. Nothing of a deleted session can be claimed.
///
/// **Fencing.** Each claim raises `attempts`; an outcome is recorded only under the number of the
/// attempt it belongs to, so that a late one changes nothing.
///
/// Every `Uni` may emit on any thread, and fails with [StoreUnavailableException] while the store
/// is away.
public interface EffectQueue {

  /// Characters of what an effect says of its last failure; the rest of the column is for a word
  /// about its expiry.
  int ERROR_LENGTH_MAX = 200;

  /// Sessions that have an effect to claim, looking at the next `sessionsMax` sessions with
  /// unfinished effects after `afterSid`.
  Uni<Due> due(long afterSid, int sessionsMax);

  /// @param sids in order
  /// @param nextAfterSid where to go on; 0 when the round is over
  record Due(List<Long> sids, long nextAfterSid) {}

  /// Takes the lowest unfinished effect of each of these sessions, where it is due and nobody else
  /// has it: pending and its time has come, or executing under a lease that ran out.
  ///
  /// @param lease how long nobody else may take it
  Uni<List<ClaimedEffect>> claim(Collection<Long> sids, Duration lease);

  /// It was carried out. Final.
  ///
  /// @return whether it is recorded: `false` for an attempt that is not the current one
  Uni<Boolean> complete(String id, int attempts);

  /// It was not carried out and is to be tried again after the pause.
  ///
  /// @param error why, for operators; at most [#ERROR_LENGTH_MAX] characters of ASCII
  /// @return as [#complete]
  Uni<Boolean> retry(String id, int attempts, Duration pause, String error);

  /// It was not carried out and is given up.
  ///
  /// @param error as in [#retry]
  /// @return as [#complete]
  Uni<Boolean> fail(String id, int attempts, String error);

  /// Gives up the effects whose time is over and that nobody works on.
  ///
  /// @return how many it were, at most `max`
  Uni<Integer> expire(int max);

  /// Removes effects that were completed longer ago than `age`.
  ///
  /// @return how many it were, at most `max`
  Uni<Integer> removeCompleted(Duration age, int max);
}
