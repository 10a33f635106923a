package dev.parley.actor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import dev.parley.store.InMemoryRemoval;
import dev.parley.store.InMemoryStore.CallFault;
import dev.parley.store.InMemoryStore.CommitFault;
import org.junit.jupiter.api.Test;

/// Owners of a session of which nothing is left say that it is not there (requirement S7).
class RemovedSessionTest {
  private final HubWorld world = new HubWorld();
  private final SessionKey key = world.created("t");

  @Test
  void saysNotFoundWhenAnotherProcessDeletedIt() {
    SessionHub first = world.hub();
    assertThat(first.activeSessions()).containsExactly(key);
    world.restart();
    assertThat(world.done(world.hub().delete(key)).reply()).isTrue();
    removeWhatWasDeleted();
    assertThat(world.done(first.rename(key, "x")).refusal())
        .isEqualTo(new Refusal.SessionNotFound(key));
    assertThat(first.activeSessions()).isEmpty();
    assertThat(world.done(first.touch(key)).refusal()).isEqualTo(new Refusal.SessionNotFound(key));
  }

  @Test
  void asksTheStoreOnceItIsBackAndLearnsThatNothingIsLeft() {
    world.faults.commits.add(CommitFault.LOST_AFTER);
    world.faults.calls.add(CallFault.LOST_BEFORE);
    assertThat(world.done(world.hub().delete(key)).code()).isEqualTo(Refusal.Code.UNAVAILABLE);
    removeWhatWasDeleted();
    world.loop.advance(HubWorld.RECOVERY_INTERVAL);
    assertThat(world.hub().activeSessions()).isEmpty();
    assertThat(world.done(world.hub().touch(key)).refusal())
        .isEqualTo(new Refusal.SessionNotFound(key));
  }

  @Test
  void createsTheSameKeyAgainWithNothingOfTheOldOne() {
    long old = world.sid(key);
    assertThat(world.done(world.hub().delete(key)).reply()).isTrue();
    removeWhatWasDeleted();
    SessionKey again = world.created("t");
    assertThat(world.sid(again)).isNotEqualTo(old);
    assertThat(world.events(again)).hasSize(1);
    world.check();
  }

  private void removeWhatWasDeleted() {
    assertThat(
            world
                .done(
                    new InMemoryRemoval(world.store)
                        .sessions(world.loop.now().plusSeconds(1), 10, 1000))
                .reply()
                .sessions())
        .isEqualTo(1);
  }
}
