package dev.parley.effect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.testing.Recorder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// A client that is far behind costs a position (requirement S4).
class SlowClientTest {
  private static final int FRAMES = 100_000;
  private static final int AT_ONCE = 1_000;

  private final EffectWorld world = new EffectWorld();

  @Test
  void catchesUpFromTheStoreInPagesWhileALiveOneNoticesNothing() {
    Recorder<Delivery> slow = world.slow();
    world.loop.runUntilIdle();
    for (int i = 0; i < FRAMES / AT_ONCE; i++) {
      int from = i * AT_ONCE;
      world.say(
          IntStream.range(from, from + AT_ONCE)
              .mapToObj(n -> new TextDelta("1", n + " "))
              .toArray(Content[]::new));
      world.loop.runUntilIdle();
    }
    assertThat(world.head()).isGreaterThan(FRAMES);
    assertThat(slow.items()).as("nothing beyond its window").hasSize(1);

    Recorder<Delivery> live = world.live();
    world.loop.runUntilIdle();
    int pages = world.outbox.pages;
    int said = 0;
    while (slow.items().getLast().seq() < world.head()) {
      int behind = slow.items().size();
      int told = live.items().size();
      slow.request(1);
      if (said < 1000) {
        world.said(said++ + " ");
        assertThat(live.items()).as("the live one has it already").hasSize(told + 1);
      }
      world.loop.runUntilIdle();
      assertThat(slow.items()).as("one batch for one acknowledgement").hasSize(behind + 1);
      assertThat(slow.items().getLast().values()).hasSizeLessThanOrEqualTo(16);
    }
    assertThat(world.outbox.pages - pages).as("it read pages").isPositive();
    world.assertWhole(slow);
    world.assertWhole(live);
    assertThat(world.rescued()).isZero();
  }
}
