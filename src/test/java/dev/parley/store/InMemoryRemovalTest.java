package dev.parley.store;

import dev.parley.loop.EventLoop;
import dev.parley.testing.ManualEventLoop;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// The store in memory keeps the contract of removal.
final class InMemoryRemovalTest extends RemovalContract {
  private final ManualEventLoop loop = new ManualEventLoop();
  private final InMemoryStore store = new InMemoryStore(loop, InMemoryStore.Faults.NONE);
  private final InMemoryRemoval removal = new InMemoryRemoval(store);

  @Override
  EventStore store() {
    return store;
  }

  @Override
  Outbox outbox() {
    return store;
  }

  @Override
  Removal removal() {
    return removal;
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

  @Override
  Tables tables(long sid) {
    return store.tables(sid);
  }

  @Override
  List<String> kept(long sid) {
    return store.tables(sid).turns().stream()
        .map(turn -> turn.turnId().value())
        .filter(turn -> !removal.isEmptied(sid, turn))
        .toList();
  }

  @Override
  boolean holdsAnything(long sid) {
    return store.sessions().containsKey(sid) || store.deliveries().containsKey(sid);
  }
}
