package dev.parley.store;

import io.smallrye.mutiny.Uni;
import java.time.Duration;

/// How much the outbox of discrete effects holds, as operators see it.
public interface EffectBacklog {

  /// May emit on any thread; fails with [StoreUnavailableException] while the store is away.
  ///
  /// @param countMax where counting ends: a very long line costs no more than this
  Uni<Backlog> read(int countMax);

  /// @param unfinished effects that are pending or executing, at most as many as were counted
  /// @param failed those that were given up and not run again, at most as many
  /// @param oldest how old the oldest of the unfinished is; zero when there is none
  record Backlog(long unfinished, long failed, Duration oldest) {}
}
