package dev.parley.effect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.TextStart;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.testing.ManualEventLoop;
import dev.parley.testing.Recorder;
import io.smallrye.mutiny.subscription.Cancellable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What was committed reaches every client once, in order, and nothing else does.
///
/// Interleavings again by `-Dparley.effect.seed`.
class EffectRunnerTest {
  private static final int INTERLEAVINGS = 1000;
  private static final @Nullable Long SEED = Long.getLong("parley.effect.seed");

  private final EffectWorld world = new EffectWorld();

  @Test
  void deliversOnlyAfterCommit() {
    Recorder<Delivery> client = world.live();
    world.loop.runUntilIdle();
    world.hold();
    world.said("a");
    assertThat(client.items()).hasSize(1);
    world.release();
    assertThat(client.items()).hasSize(2);
    world.assertWhole(client);
  }

  @Test
  void firstSubscriptionGivesStateThenEveryFrameOnce() {
    world.said("before ");
    Recorder<Delivery> client = world.live();
    world.loop.runUntilIdle();
    JsonNode initial = EffectWorld.values(client).getFirst();
    assertThat(initial.path("seq").asLong()).isEqualTo(world.head());
    assertThat(initial.path("reset").asBoolean()).isFalse();
    assertThat(initial.path("snapshot").path("status").asText()).isEqualTo("streaming");
    world.said("one ");
    world.said("two ");
    assertThat(client.items()).hasSize(3);
    world.assertWhole(client);
  }

  @Test
  void knowsWhenWhatItDeliversWasCommittedUnlessThatHasWaitedForTheClient() {
    Recorder<Delivery> client = world.slow();
    world.loop.runUntilIdle();
    client.request(1);
    world.loop.runUntilIdle();
    long before = world.loop.nanoTime();
    world.said("asked for ");
    assertThat(client.items().getLast().committedNanos())
        .isNotNull()
        .isGreaterThanOrEqualTo(before);
    world.said("not asked for ");
    client.request(1);
    world.loop.runUntilIdle();
    assertThat(client.items()).hasSize(3);
    assertThat(client.items().getLast().committedNanos()).isNull();
    client.request(1);
    world.loop.runUntilIdle();
    world.said("asked for again ");
    assertThat(client.items()).hasSize(4);
    assertThat(client.items().getLast().committedNanos()).isNotNull();
    world.assertWhole(client);
  }

  @Test
  @DisplayName("Case 7: subscribing exactly between snapshot and live loses and doubles nothing")
  void losesAndDoublesNothingHoweverSubscribingFallsBetweenCommits() {
    long begin = System.nanoTime();
    for (int i = 0; i < (SEED == null ? INTERLEAVINGS : 1); i++) {
      long seed = SEED == null ? begin + i : SEED;
      try {
        interleave(seed);
      } catch (AssertionError e) {
        throw new AssertionError("with -Dparley.effect.seed=" + seed, e);
      }
    }
  }

  @Test
  void keepsNothingOfAClientThatGoesWhileItsSubscriptionBegins() {
    world.said("one ");
    for (int steps = 0; steps < 10; steps++) {
      Cancellable leaving =
          world.runner.subscribe(world.key, null, null).subscribe().with(_ -> {}, _ -> {});
      for (int step = 0; step < steps; step++) {
        boolean _ = world.loop.step();
      }
      leaving.cancel();
      world.loop.runUntilIdle();
      assertThat(world.metrics.get("parley.effects.watched.sessions").gauge().value())
          .as("gone after %d steps", steps)
          .isZero();
    }
  }

  private static void interleave(long seed) {
    Random random = new Random(seed);
    EffectWorld world = new EffectWorld(ManualEventLoop.seeded(seed));
    List<Recorder<Delivery>> fresh = new ArrayList<>();
    List<Recorder<Delivery>> resumed = new ArrayList<>();
    List<Long> cursors = new ArrayList<>();
    world.delay = random.nextBoolean() ? Duration.ZERO : Duration.ofMillis(1);
    for (int i = 0; i < 200; i++) {
      switch (random.nextInt(12)) {
        case 0 -> fresh.add(world.live());
        case 1 -> {
          cursors.add(random.nextLong(world.head() + 1));
          resumed.add(world.resumed(cursors.getLast(), "inc"));
        }
        case 2, 3, 4, 5 -> world.say(i + " ");
        default -> {
          for (int steps = random.nextInt(12); steps > 0; steps--) {
            var _ = world.loop.step();
          }
        }
      }
    }
    world.loop.advance(Duration.ofSeconds(5));
    fresh.forEach(world::assertWhole);
    for (int i = 0; i < resumed.size(); i++) {
      world.assertWhole(resumed.get(i), cursors.get(i));
    }
    assertThat(world.rescued()).isZero();
  }

  @Test
  void resumesAtTheCursor() {
    world.said("one ");
    long cursor = world.head();
    world.said("two ");
    world.said("three ");
    Recorder<Delivery> client = world.resumed(cursor, "inc");
    world.loop.runUntilIdle();
    assertThat(EffectWorld.values(client).getFirst().path("reset").asBoolean()).isFalse();
    assertThat(EffectWorld.values(client).getFirst().path("buffer")).isEmpty();
    world.said("four ");
    world.assertWhole(client, cursor);
  }

  @Test
  void resumesAtTheHead() {
    world.said("one ");
    long cursor = world.head();
    Recorder<Delivery> client = world.resumed(cursor, null);
    world.loop.runUntilIdle();
    assertThat(client.items()).hasSize(1);
    world.said("two ");
    world.assertWhole(client, cursor);
  }

  @Test
  void resetsOnACursorThatCannotBeHonoured() {
    world.said("one ");
    world.said("two ");
    assertReset(world.resumed(world.head() + 1, "inc"));
    assertReset(world.resumed(1, "another"));
    assertReset(world.resumed(-1, "inc"));
    world.outbox.keptFrom = 4;
    assertReset(world.resumed(1, "inc"));
  }

  private void assertReset(Recorder<Delivery> client) {
    world.loop.runUntilIdle();
    assertThat(EffectWorld.values(client).getFirst().path("reset").asBoolean()).isTrue();
    world.said("more ");
    world.assertWhole(client);
  }

  @Test
  void beginsAnewWhenRetentionHasOvertakenAReader() {
    Recorder<Delivery> client = world.slow();
    world.loop.runUntilIdle();
    for (int i = 0; i < 3 * EffectWorld.RING; i++) {
      world.said(i + " ");
    }
    world.outbox.keptFrom = world.head() - 10;
    client.request(1);
    world.loop.runUntilIdle();
    JsonNode again = EffectWorld.values(client).getLast();
    assertThat(again.path("_tag").asText()).isEqualTo("InitialState");
    assertThat(again.path("reset").asBoolean()).isTrue();
    assertThat(again.path("seq").asLong()).isEqualTo(world.head());
  }

  @Test
  void givesOneBatchPerDemandOfAtMostSixteenValues() {
    Recorder<Delivery> client = world.slow();
    world.loop.runUntilIdle();
    world.say(IntStream.range(0, 40).mapToObj(i -> new TextStart("p" + i)).toArray(Content[]::new));
    world.loop.runUntilIdle();
    for (int size : new int[] {16, 16, 8}) {
      int before = client.items().size();
      client.request(1);
      world.loop.runUntilIdle();
      assertThat(client.items()).hasSize(before + 1);
      assertThat(client.items().getLast().values()).hasSize(size);
    }
    world.assertWhole(client);
  }

  @Test
  void joinsWhatWaitsUpToTheByteLimit() {
    Recorder<Delivery> client = world.slow();
    world.loop.runUntilIdle();
    for (int i = 0; i < 40; i++) {
      world.said("€€€€€");
    }
    client.request(1);
    world.loop.runUntilIdle();
    assertThat(client.items().get(1).values()).hasSize(4);
    List<JsonNode> joined = EffectWorld.values(client).subList(1, 5);
    assertThat(joined.getFirst().path("firstSeq").asLong())
        .isLessThan(joined.getFirst().path("seq").asLong());
    assertThat(joined)
        .allSatisfy(value ->
            assertThat(
                    value
                        .path("event")
                        .path("delta")
                        .asText()
                        .getBytes(StandardCharsets.UTF_8)
                        .length)
                .isLessThanOrEqualTo(EffectWorld.JOINED_BYTES));
    while (client.items().getLast().seq() < world.head()) {
      client.request(1);
      world.loop.runUntilIdle();
    }
    world.assertWhole(client);
  }

  @Test
  void readsPagesForOneWhoIsBehindWhileALiveOneGetsEachAtOnce() {
    Recorder<Delivery> slow = world.slow();
    Recorder<Delivery> live = world.live();
    world.loop.runUntilIdle();
    int pages = world.outbox.pages;
    for (int i = 0; i < 5000; i++) {
      world.said(i + " ");
      assertThat(live.items()).hasSize(2 + i);
    }
    assertThat(world.outbox.pages).isEqualTo(pages);
    assertThat(slow.items()).hasSize(1);
    for (int round = 0; slow.items().getLast().seq() < world.head(); round++) {
      assertThat(round).as("round trips").isLessThan(100);
      slow.request(1);
      world.loop.runUntilIdle();
    }
    assertThat(world.outbox.pages).isGreaterThan(pages);
    world.assertWhole(live);
    world.assertWhole(slow);
  }

  @Test
  void readsWhatCannotBeJoinedOnceAndHoldsLittleOfIt() {
    Recorder<Delivery> slow = world.slow();
    world.loop.runUntilIdle();
    int said = 3000;
    for (int i = 0; i < said; i++) {
      world.said("x".repeat(EffectWorld.JOINED_BYTES - 1));
    }
    while (slow.items().getLast().seq() < world.head()) {
      slow.request(1);
      world.loop.runUntilIdle();
    }
    assertThat(slow.items()).as("batches").hasSizeGreaterThan(said / 16);
    assertThat(world.outbox.framesRead)
        .as("the first page twice: little of it is kept for a client that may not go on")
        .isBetween(said + 1024 / 2, said + 1024);
    world.assertWhole(slow);
  }

  @Test
  void writesTheAcknowledgedPositionOnceAndOnlyRaisesIt() {
    Recorder<Delivery> slow = world.slow();
    Recorder<Delivery> live = world.live();
    world.loop.runUntilIdle();
    for (int i = 0; i < 10; i++) {
      world.said(i + " ");
    }
    slow.request(1);
    world.loop.runUntilIdle();
    assertThat(world.outbox.delivered).isEmpty();
    world.loop.advance(EffectWorld.LEDGER);
    assertThat(world.outbox.delivered).containsExactly(Map.of(1L, world.head()));
    world.loop.advance(EffectWorld.LEDGER.multipliedBy(4));
    assertThat(world.outbox.delivered).hasSize(1);
    live.cancel();
  }

  @Test
  void doesNotCountAsDeliveredWhatWasNotAcknowledged() {
    Recorder<Delivery> slow = world.slow();
    world.loop.runUntilIdle();
    world.said("a");
    world.loop.advance(Duration.ofSeconds(1));
    assertThat(world.outbox.delivered).isEmpty();
    slow.request(1);
    world.loop.advance(Duration.ofSeconds(1));
    assertThat(world.outbox.delivered).containsExactly(Map.of(1L, world.head() - 1));
  }

  @Test
  void writesThePositionLaterWhenTheStoreIsAway() {
    Recorder<Delivery> live = world.live();
    world.loop.runUntilIdle();
    world.said("a");
    world.away = true;
    world.loop.advance(Duration.ofSeconds(1));
    world.away = false;
    world.loop.advance(EffectWorld.LEDGER);
    assertThat(world.outbox.delivered.getLast()).isEqualTo(Map.of(1L, world.head()));
    world.loop.advance(EffectWorld.LEDGER);
    assertThat(world.loop.timers()).isZero();
    live.cancel();
  }

  @Test
  void findsALostWakeByTheSecondSweepAndCountsIt() {
    world.runner.start();
    Recorder<Delivery> client = world.live();
    world.loop.runUntilIdle();
    world.wakesLost = 1;
    world.said("lost");
    world.loop.advance(EffectWorld.POLL.plusMillis(10));
    assertThat(client.items()).hasSize(1);
    assertThat(world.rescued()).isZero();
    world.loop.advance(EffectWorld.POLL);
    assertThat(world.rescued()).isEqualTo(1);
    world.assertWhole(client);
    world.said("more");
    world.assertWhole(client);
  }

  @Test
  void makesUpForALostWakeByTheNextOne() {
    Recorder<Delivery> client = world.live();
    world.loop.runUntilIdle();
    world.said("a");
    world.wakesLost = 1;
    world.said("lost");
    world.said("next");
    world.assertWhole(client);
  }

  @Test
  void rescuesNothingWhereNoWakeIsLost() {
    world.runner.start();
    Recorder<Delivery> client = world.live();
    world.delay = Duration.ofMillis(20);
    world.loop.advance(Duration.ofSeconds(1));
    for (int i = 0; i < 300; i++) {
      world.say(i + " ");
      world.loop.advance(Duration.ofMillis(37));
    }
    world.loop.advance(Duration.ofSeconds(20));
    assertThat(world.rescued()).isZero();
    world.assertWhole(client);
  }

  @Test
  void takesNoFramesForLostWhileItDoesNotKnowTheHeadYet() {
    for (int i = 0; i < 400; i++) {
      world.say(new TextStart(Integer.toString(i)));
    }
    world.loop.runUntilIdle();
    world.runner.start();
    // The running turn is read in pages, which takes longer than two sweeps.
    world.delay = Duration.ofMillis(100);
    Recorder<Delivery> client = world.live();
    world.loop.advance(EffectWorld.POLL.multipliedBy(3));
    assertThat(client.items()).isEmpty();
    world.loop.advance(Duration.ofSeconds(5));
    assertThat(world.rescued()).isZero();
    world.assertWhole(client);
  }

  @Test
  void endsSubscriptionsWhileTheStoreIsAway() {
    world.runner.start();
    Recorder<Delivery> client = world.live();
    world.loop.runUntilIdle();
    world.away = true;
    Recorder<Delivery> late = world.live();
    world.loop.advance(EffectWorld.POLL);
    assertRefused(client, Refusal.unavailable());
    assertRefused(late, Refusal.unavailable());
    assertThat(world.watched()).isZero();
    world.away = false;
    Recorder<Delivery> again = world.live();
    world.loop.runUntilIdle();
    world.said("back");
    world.assertWhole(again);
  }

  @Test
  void endsSubscriptionsOnceTheirClientsHaveAcknowledgedAllThereIs() {
    world.runner.start();
    Recorder<Delivery> client = world.live();
    world.loop.runUntilIdle();
    world.said("one");
    CompletableFuture<Void> finished =
        world.runner.finish().subscribeAsCompletionStage().toCompletableFuture();
    world.loop.runUntilIdle();
    assertRefused(client, Refusal.draining());
    assertThat(client.items().getLast().seq()).isEqualTo(world.head());
    assertThat(finished).isCompleted();
    assertThat(world.outbox.delivered.getLast()).containsValue(world.head());
    Recorder<Delivery> late = world.live();
    world.loop.runUntilIdle();
    assertRefused(late, Refusal.draining());
  }

  @Test
  void waitsForAClientThatDoesNotAcknowledgeUntilItIsStopped() {
    Recorder<Delivery> client = world.slow();
    world.said("one");
    CompletableFuture<Void> finished =
        world.runner.finish().subscribeAsCompletionStage().toCompletableFuture();
    world.loop.runUntilIdle();
    assertThat(finished).isNotDone();
    assertThat(client.failure()).isNull();
    world.runner.stop();
    world.loop.runUntilIdle();
    assertThat(finished).isDone();
    assertRefused(client, Refusal.draining());
  }

  @Test
  void endsSubscriptionsWhenItStops() {
    world.runner.start();
    Recorder<Delivery> client = world.live();
    world.loop.runUntilIdle();
    world.runner.stop();
    world.runner.stop();
    world.loop.runUntilIdle();
    assertThat(client.failure()).isInstanceOf(RefusedException.class);
    world.loop.advance(Duration.ofSeconds(5));
    assertThat(world.loop.timers()).isZero();
  }

  @Test
  void leavesNothingBehindOfACancelledSubscription() {
    Recorder<Delivery> one = world.live();
    Recorder<Delivery> two = world.live();
    world.loop.runUntilIdle();
    assertThat(world.watched()).isEqualTo(1);
    one.cancel();
    world.loop.runUntilIdle();
    assertThat(world.watched()).isEqualTo(1);
    two.cancel();
    world.loop.runUntilIdle();
    assertThat(world.watched()).isZero();
    world.said("unheard");
    assertThat(two.items()).hasSize(1);
    world.loop.advance(Duration.ofSeconds(1));
    assertThat(world.loop.timers()).isZero();
  }

  @Test
  void leavesNothingBehindOfOneThatCancelsWhileItOpens() {
    world.delay = Duration.ofMillis(5);
    Recorder<Delivery> client = world.live();
    world.loop.advance(Duration.ofMillis(12));
    client.cancel();
    world.loop.advance(Duration.ofSeconds(1));
    assertThat(client.items()).isEmpty();
    assertThat(world.watched()).isZero();
  }

  @Test
  void refusesAnUnknownSession() {
    SessionKey nobody = new SessionKey("user", "demo", "nobody");
    Recorder<Delivery> never = new Recorder<>(1);
    world.runner.subscribe(nobody, null, null).subscribe(never);
    world.loop.runUntilIdle();
    assertRefused(never, new Refusal.SessionNotFound(nobody));
    // One that was reserved and never created is not seen either.
    world.store.reserve(nobody).subscribe().with(_ -> {});
    Recorder<Delivery> reserved = new Recorder<>(1);
    world.loop.runUntilIdle();
    world.runner.subscribe(nobody, 3L, null).subscribe(reserved);
    world.loop.runUntilIdle();
    assertRefused(reserved, new Refusal.SessionNotFound(nobody));
    assertThat(world.watched()).isZero();
  }

  private static void assertRefused(Recorder<Delivery> client, Refusal refusal) {
    assertThat(client.failure()).isInstanceOf(RefusedException.class);
    assertThat(((RefusedException) Objects.requireNonNull(client.failure())).refusal())
        .isEqualTo(refusal);
  }
}
