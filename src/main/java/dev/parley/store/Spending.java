package dev.parley.store;

import io.smallrye.mutiny.Uni;
import java.time.Instant;

/// What users' turns have cost at models: a ledger that commits add to and that loses nothing when
/// sessions are deleted.
public interface Spending {

  /// The tokens of all turns of the user that have ended since the last midnight in UTC, whatever
  /// kind they were of; 0: none has. A turn counts on the day on which it ends, as soon as its end
  /// is durable.
  ///
  /// May emit on any thread; fails with [StoreUnavailableException] while the store is away.
  Uni<Long> spentToday(String userId, Instant now);
}
