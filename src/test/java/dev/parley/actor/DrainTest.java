package dev.parley.actor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.actor.HubWorld.Asked;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.store.InMemoryStore.CommitFault;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A node may be told to stop at any moment.
class DrainTest {
  /// More than there are until everything is done.
  private static final int STEPS_MAX = 60;

  @ParameterizedTest
  @EnumSource(CommitFault.class)
  void answersEveryCallWheneverItFalls(CommitFault fault) {
    for (int steps = 0; steps < STEPS_MAX; steps++) {
      HubWorld world = new HubWorld();
      SessionKey key = world.created("t");
      var _ = world.started(key, "hello");
      world.faults.commits.add(fault);
      List<Asked<Reply>> asked = new ArrayList<>();
      asked.add(world.ask(world.send(key, "two")));
      asked.add(world.ask(world.hub().interrupt(key, null, false)));
      for (int step = 0; step < steps; step++) {
        var _ = world.loop.step();
      }
      Asked<Boolean> drained = world.ask(world.hub().drain().replaceWith(true));
      world.loop.runUntilIdle();
      assertThat(drained.isOpen()).as("the drain after %d steps", steps).isFalse();
      assertThat(asked.stream().filter(Asked::isOpen).count())
          .as("calls that were not answered, drained after %d steps", steps)
          .isZero();
    }
  }

  @Test
  void endsThoughTheStoreStaysAway() {
    for (int steps = 0; steps < STEPS_MAX; steps++) {
      HubWorld world = new HubWorld();
      SessionKey key = world.created("t");
      var _ = world.started(key, "hello");
      world.faults.away = true;
      Asked<Reply> sent = world.ask(world.send(key, "two"));
      for (int step = 0; step < steps; step++) {
        var _ = world.loop.step();
      }
      Asked<Boolean> drained = world.ask(world.hub().drain().replaceWith(true));
      world.loop.runUntilIdle();
      assertThat(drained.isOpen()).as("the drain after %d steps", steps).isFalse();
      assertThat(sent.isOpen()).as("the send, drained after %d steps", steps).isFalse();
    }
  }
}
