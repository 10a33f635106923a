package dev.parley.actor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.session.SessionKey;
import dev.parley.store.StoredSession;
import org.junit.jupiter.api.Test;

/// What a load has to read does not grow with the age of a session (requirement E3).
class LoadingTest {
  private static final int EVENTS = 10_000;

  private final HubWorld world = new HubWorld();
  private final SessionKey key = world.created("t");

  @Test
  void readsATailOfNoMoreEventsThanComeBetweenTwoSnapshots() {
    int longest = 0;
    for (int event = 2; event <= EVENTS; event++) {
      assertThat(world.done(world.hub().touch(key)).reply()).isNotNull();
      if (event % 97 == 0 || event > EVENTS - 2 * HubWorld.SNAPSHOT_EVENTS) {
        int tail = loaded().unsnapshotted();
        assertThat(tail).isLessThan(HubWorld.SNAPSHOT_EVENTS);
        longest = Math.max(longest, tail);
      }
    }
    assertThat(loaded().state().eventSeq()).isEqualTo(EVENTS);
    assertThat(longest).as("a tail was read at all").isEqualTo(HubWorld.SNAPSHOT_EVENTS - 1);
    world.check();
  }

  private StoredSession loaded() {
    return world.done(world.store.load(world.sid(key))).reply();
  }
}
