package dev.parley.store;

import dev.parley.loop.EventLoop;
import dev.parley.store.page.Pages;
import dev.parley.store.page.TurnReader;
import dev.parley.testing.ManualEventLoop;
import io.smallrye.mutiny.Uni;
import java.util.concurrent.CompletableFuture;

/// The store in memory keeps the contract of pages.
final class InMemoryPagesTest extends PagesContract {
  private final ManualEventLoop loop = new ManualEventLoop();
  private final InMemoryStore store = new InMemoryStore(loop, InMemoryStore.Faults.NONE);
  private final InMemoryPages pages = new InMemoryPages(store);

  @Override
  EventStore store() {
    return store;
  }

  @Override
  Pages pages() {
    return pages;
  }

  @Override
  TurnReader turnReader() {
    return new TurnReader(pages, store, store);
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
  int walks() {
    return 150;
  }
}
