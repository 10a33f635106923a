package dev.parley.store;

import dev.parley.loop.EventLoop;
import dev.parley.testing.ManualEventLoop;
import io.smallrye.mutiny.Uni;
import java.util.concurrent.CompletableFuture;

/// The store in memory keeps the contract of spending.
final class InMemorySpendingTest extends SpendingContract {
  private final ManualEventLoop loop = new ManualEventLoop();
  private final InMemoryStore store = new InMemoryStore(loop, InMemoryStore.Faults.NONE);

  @Override
  EventStore store() {
    return store;
  }

  @Override
  Spending spending() {
    return store;
  }

  @Override
  Removal removal() {
    return new InMemoryRemoval(store);
  }

  @Override
  CommitLane lane() {
    return store;
  }

  @Override
  EventLoop loop() {
    return loop;
  }

  @Override
  <T> T outcome(Uni<T> uni) {
    CompletableFuture<T> outcome = uni.subscribeAsCompletionStage();
    loop.runUntilIdle();
    return outcome.join();
  }
}
