package dev.parley.effect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.testing.Recorder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What clients are told whose cursor lies before what is kept (requirement S2).
@DisplayName("Case 9: a cursor from the future, from before retention, of another incarnation")
class RetentionTest {
  private final EffectWorld world = new EffectWorld();

  /// A turn that is old, one that runs, and what the first one ended with.
  private long oldEnd;

  @BeforeEach
  void twoTurnsOfWhichOneIsOld() {
    world.runner.start();
    world.said("old ");
    world.done();
    oldEnd = world.head();
    world.asked("again");
    world.said("new ");
    world.letFramesGo();
    assertThat(world.kept()).isEqualTo(oldEnd + 1);
  }

  @Test
  void honoursACursorWhoseNextFrameIsKept() {
    for (long cursor = oldEnd; cursor <= world.head(); cursor++) {
      Recorder<Delivery> client = resumed(cursor, "inc");
      assertThat(initial(client).path("reset").asBoolean()).isFalse();
      world.assertWhole(client, cursor);
    }
  }

  @Test
  void resetsACursorFromBeforeWhatIsKept() {
    for (long cursor = 0; cursor < oldEnd; cursor++) {
      assertReset(resumed(cursor, "inc"));
    }
  }

  @Test
  void resetsACursorFromTheFuture() {
    assertReset(resumed(world.head() + 1, "inc"));
    assertReset(resumed(Long.MAX_VALUE, "inc"));
  }

  @Test
  void resetsACursorOfAnotherIncarnation() {
    assertReset(resumed(world.head(), "another"));
    assertReset(resumed(oldEnd, "another"));
  }

  @Test
  void honoursTheHeadThoughNoFrameIsKept() {
    world.done();
    world.letFramesGo();
    long cursor = world.head();
    assertThat(world.kept()).isEqualTo(cursor + 1);
    Recorder<Delivery> client = resumed(cursor, "inc");
    assertThat(initial(client).path("reset").asBoolean()).isFalse();
    world.asked("more");
    world.said("words ");
    world.assertWhole(client, cursor);
    assertReset(resumed(cursor - 1, "inc"));
  }

  @Test
  void beginsAnewInMidStreamWhenRetentionHasOvertakenAReader() {
    Recorder<Delivery> slow = world.slow();
    world.loop.runUntilIdle();
    assertThat(slow.items()).hasSize(1);
    for (int i = 0; i < 2 * EffectWorld.RING; i++) {
      world.said(i + " ");
    }
    world.done();
    world.asked("next");
    world.said("word ");
    world.letFramesGo();
    assertThat(slow.items().getLast().seq()).isLessThan(world.kept() - 1);

    int before = EffectWorld.values(slow).size();
    slow.request(1);
    world.loop.runUntilIdle();
    JsonNode again = EffectWorld.values(slow).get(before);
    assertThat(again.path("_tag").asText()).isEqualTo("InitialState");
    assertThat(again.path("reset").asBoolean()).isTrue();
    assertThat(again).isEqualTo(asReset(initial(world.live())));

    world.said("on ");
    slow.request(1);
    world.loop.runUntilIdle();
    JsonNode next = EffectWorld.values(slow).getLast();
    assertThat(next.path("seq").asLong()).isEqualTo(again.path("seq").asLong() + 1);
    assertThat(next.path("event").path("delta").asText()).isEqualTo("on ");
  }

  @Test
  void servesFromMemoryAReaderWhomRetentionOvertookInTheStoreOnly() {
    Recorder<Delivery> slow = world.slow();
    world.loop.runUntilIdle();
    long cursor = slow.items().getLast().seq();
    world.said("a few ");
    world.done();
    world.letFramesGo();
    assertThat(world.kept()).isEqualTo(world.head() + 1);
    slow.request(1);
    world.loop.runUntilIdle();
    JsonNode next = EffectWorld.values(slow).get(1);
    assertThat(next.path("_tag").asText()).isEqualTo("StreamEvent");
    assertThat(next.path("seq").asLong()).isEqualTo(cursor + 1);
  }

  private Recorder<Delivery> resumed(long cursor, String incarnation) {
    Recorder<Delivery> client = world.resumed(cursor, incarnation);
    world.loop.runUntilIdle();
    return client;
  }

  /// It is told so, gets what a fresh subscription gets, and everything from there on.
  private void assertReset(Recorder<Delivery> client) {
    assertThat(initial(client)).isEqualTo(asReset(initial(world.live())));
    world.said("more ");
    world.assertWhole(client, initial(client).path("seq").asLong());
  }

  private JsonNode initial(Recorder<Delivery> client) {
    world.loop.runUntilIdle();
    return EffectWorld.values(client).getFirst();
  }

  private static JsonNode asReset(JsonNode initial) {
    return ((ObjectNode) initial.deepCopy()).put("reset", true);
  }
}
