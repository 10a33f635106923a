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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/// The in-memory store keeps the contract, through two connections at that, and goes wrong as it is
/// told to.
final class InMemoryStoreTest extends EventStoreContract {
  private final ManualEventLoop loop = new ManualEventLoop();
  private final Script faults = new Script();
  private final InMemoryStore store = new InMemoryStore(loop, faults);
  private final ManualEventLoop other = loop.sibling();
  private final InMemoryStore connected = store.connected(other, faults);

  /// One fault at a time.
  private static final class Script implements InMemoryStore.Faults {
    private CommitFault commit = CommitFault.NONE;
    private CallFault call = CallFault.NONE;
    private long locked;

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

    @Override
    public boolean isLocked(long sid) {
      return sid == locked;
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

  @Test
  void leavesOutASessionThatAnotherStatementHolds() {
    Story story = begin();
    faults.locked = story.sid();
    Append append = story.next(story.create(null));
    assertThat(outcome(journal().append(append))).isEqualTo(new AppendResult.Missed());
    faults.locked = 0;
    apply(story, append);
  }

  @Test
  void carriesOutWhatADeadProcessHadSentAndAnswersNobody() {
    Story story = begin();
    List<String> heard = new ArrayList<>();
    connected
        .claim(story.sid(), "node-2")
        .subscribe()
        .with(epoch -> heard.add("epoch " + epoch), failure -> heard.add(failure.toString()));
    other.kill();
    loop.runUntilIdle();
    assertThat(heard).isEmpty();
    assertThat(outcome(store.load(story.sid())).epoch()).isEqualTo(story.epoch() + 1);
  }

  @Test
  void tellsItsWitnessOfWhatBecomesDurable() {
    List<String> seen = new ArrayList<>();
    InMemoryStore witnessed =
        new InMemoryStore(
            loop,
            InMemoryStore.Faults.NONE,
            new InMemoryStore.Witness() {
              @Override
              public void claimed(long sid, String node, long epoch) {
                seen.add(node + " has epoch " + epoch);
              }

              @Override
              public void applied(PreparedAppend append) {
                seen.add("event " + append.append().after().eventSeq());
              }
            });
    SessionKey key = new SessionKey("user", "demo", "witnessed");
    long sid = outcome(witnessed.reserve(key));
    Story story = new Story(key, sid, outcome(witnessed.claim(sid, "node-1")).orElseThrow());
    PreparedAppend append = PreparedAppend.of(story.next(story.create(null)));
    assertThat(outcome(witnessed.commit(List.of(append)))).containsExactly(sid);
    assertThat(outcome(witnessed.commit(List.of(append)))).isEmpty();
    assertThat(seen).containsExactly("node-1 has epoch 1", "event 1");
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
    return connected;
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
