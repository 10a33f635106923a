package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.loop.EventLoop;
import dev.parley.testing.ManualEventLoop;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// The effects in memory keep the contract.
final class InMemoryEffectsTest extends EffectQueueContract {
  private final ManualEventLoop loop = new ManualEventLoop();
  private final InMemoryStore store = new InMemoryStore(loop, InMemoryStore.Faults.NONE);

  @Override
  EffectQueue queue() {
    return store.effects();
  }

  @Override
  EffectInspector inspector() {
    return store.effects();
  }

  @Override
  EventStore store() {
    return store;
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
    assertThat(outcome).isDone();
    return outcome.join();
  }

  @Override
  void pass(Duration time) {
    loop.advance(time);
  }
}
