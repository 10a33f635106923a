package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.loop.EventLoop;
import dev.parley.session.SessionKey;
import dev.parley.store.InMemoryStore.CallFault;
import dev.parley.store.InMemoryStore.CommitFault;
import dev.parley.testing.ManualEventLoop;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/// The in-memory store keeps the contract, and goes wrong as it is told to.
final class InMemoryStoreTest extends EventStoreContract {
  private final ManualEventLoop loop = new ManualEventLoop();
  private final Script faults = new Script();
  private final InMemoryStore store = new InMemoryStore(loop, faults);

  /// One fault at a time.
  private static final class Script implements InMemoryStore.Faults {
    private CommitFault commit = CommitFault.NONE;
    private CallFault call = CallFault.NONE;

    @Override
    public CommitFault commit(List<PreparedAppend> batch) {
      CommitFault next = commit;
      commit = CommitFault.NONE;
      return next;
    }

    @Override
    public CallFault call() {
      CallFault next = call;
      call = CallFault.NONE;
      return next;
    }
  }

  @Test
  void failsACallWhileItIsAway() {
    SessionKey key = begin().key();
    faults.call = CallFault.LOST_BEFORE;
    assertThatThrownBy(() -> outcome(store.find(key)))
        .isInstanceOf(StoreUnavailableException.class);
    assertThat(outcome(store.find(key))).isPresent();
  }

  @Test
  void claimsWithoutSayingSoWhenTheAnswerIsLost() {
    Story story = begin();
    faults.call = CallFault.LOST_AFTER;
    assertThatThrownBy(() -> outcome(store.reclaim(story.sid(), "node-1", story.epoch())))
        .isInstanceOf(StoreUnavailableException.class);
    assertThat(outcome(store.reclaim(story.sid(), "node-1", story.epoch())))
        .hasValue(story.epoch() + 2);
  }

  @Test
  void triesACommitAgainThatLostARace() {
    Story story = begin();
    faults.commit = CommitFault.RETRY;
    apply(story, story.next(story.create(null)));
  }

  @Override
  EventStore store() {
    return store;
  }

  @Override
  ColdReads coldReads() {
    return store;
  }

  @Override
  Outbox outbox() {
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
    try {
      return outcome.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }

  @Override
  Tables tables(long sid) {
    return store.tables(sid);
  }

  @Override
  void lose(Loss loss) {
    faults.commit =
        switch (loss) {
          case STATEMENT -> CommitFault.LOST_BEFORE;
          case ANSWER -> CommitFault.LOST_AFTER;
          case LATE -> CommitFault.LATE;
        };
  }

  @Override
  void releaseLate() {
    loop.advance(Duration.ofSeconds(2));
  }
}
