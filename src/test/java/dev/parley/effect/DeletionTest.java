package dev.parley.effect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.testing.Recorder;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What subscribers are told of a session's end (requirement S7).
@DisplayName("Case 10: deleted in mid-stream, seen by its subscribers")
class DeletionTest {
  private final EffectWorld world = new EffectWorld();

  @BeforeEach
  void sweep() {
    world.runner.start();
  }

  @Test
  void tellsThreeSubscribersEverythingAndThenTheEnd() {
    List<Recorder<Delivery>> live = List.of(world.live(), world.live(), world.live());
    world.loop.runUntilIdle();
    world.said("one ");
    world.deleted();
    for (Recorder<Delivery> client : live) {
      assertEnded(client);
      world.assertWhole(client);
      assertThat(tags(client)).contains("SessionStopped");
    }
    assertThat(world.watched()).isZero();
  }

  @Test
  void goesPastWhatOneWhoIsBehindHasNotRead() {
    Recorder<Delivery> slow = world.slow();
    world.loop.runUntilIdle();
    for (int i = 0; i < 5 * EffectWorld.RING; i++) {
      world.said(i + " ");
    }
    world.deleted();
    int pages = world.outbox.pages;
    assertThat(slow.completed()).isFalse();
    assertThat(slow.items()).hasSize(1);
    slow.request(1);
    world.loop.runUntilIdle();
    assertEnded(slow);
    assertThat(slow.items()).hasSize(2);
    assertThat(world.outbox.pages).isEqualTo(pages);
  }

  @Test
  void isFoundByTheSweepWhereNoWakeTold() {
    Recorder<Delivery> live = world.live();
    world.loop.runUntilIdle();
    world.wakesLost = 1;
    world.deleted();
    assertThat(live.completed()).isFalse();
    world.loop.advance(EffectWorld.POLL.multipliedBy(3));
    assertEnded(live);
    world.assertWhole(live);
  }

  @Test
  void isFoundByTheSweepThoughNothingIsLeftToRead() {
    Recorder<Delivery> live = world.live();
    Recorder<Delivery> slow = world.slow();
    world.loop.runUntilIdle();
    world.said("one ");
    world.wakesLost = 1;
    world.deleted();
    world.outbox.removed = true;
    world.loop.advance(EffectWorld.POLL.multipliedBy(3));
    assertEnded(live);
    slow.request(1);
    world.loop.runUntilIdle();
    assertThat(slow.completed()).isFalse();
    slow.request(1);
    world.loop.runUntilIdle();
    assertEnded(slow);
  }

  @Test
  void isFoundByAReaderWhosePageIsGone() {
    Recorder<Delivery> slow = world.slow();
    world.loop.runUntilIdle();
    for (int i = 0; i < 2 * EffectWorld.RING; i++) {
      world.said(i + " ");
    }
    world.wakesLost = 1;
    world.deleted();
    world.outbox.removed = true;
    slow.request(1);
    world.loop.runUntilIdle();
    assertEnded(slow);
  }

  @Test
  void endsTheStreamOfOneWhoResumesAtThatMoment() {
    for (int steps = 0; steps < 40; steps++) {
      EffectWorld own = new EffectWorld();
      own.said("one ");
      Recorder<Delivery> client = own.resumed(own.head() - 1, "inc");
      for (int step = 0; step < steps; step++) {
        var _ = own.loop.step();
      }
      own.deleted();
      if (client.failure() == null) {
        assertThat(client.completed()).as("ended, deleted after %d steps", steps).isTrue();
        assertEnded(client);
      }
      assertThat(own.watched()).isZero();
    }
  }

  @Test
  void leavesNobodyToSubscribeTo() {
    world.deleted();
    Recorder<Delivery> late = world.live();
    world.loop.runUntilIdle();
    assertThat(late.failure())
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.SessionNotFound.class));
  }

  private static void assertEnded(Recorder<Delivery> client) {
    assertThat(client.completed()).isTrue();
    assertThat(client.failure()).isNull();
    assertThat(tags(client).getLast()).isEqualTo("SessionDeleted");
    assertThat(tags(client)).containsOnlyOnce("SessionDeleted");
  }

  private static List<String> tags(Recorder<Delivery> client) {
    return EffectWorld.values(client).stream()
        .map((JsonNode value) -> value.path("_tag").asText())
        .toList();
  }
}
