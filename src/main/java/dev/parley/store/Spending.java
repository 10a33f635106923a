package dev.parley.store;

import io.smallrye.mutiny.Uni;
import java.time.Instant;

/// What users' turns have cost at models: a ledger that commits add to and that loses nothing when
/// sessions are deleted.
public interface Spending {

  /// The tokens that all turns of the user have cost since the last midnight in UTC, whatever kind
  /// they were of, and those of turns that still run: what a turn tells counts as soon as it is
  /// durable, on the day on which it was told. What is taken back after midnight of what was told
  /// before is taken from the new day, which is never less than 0.
  ///
  /// May emit on any thread; fails with [StoreUnavailableException] while the store is away.
  Uni<Long> spentToday(String userId, Instant now);
}
