package dev.parley.effect.discrete;

import static dev.parley.effect.discrete.DiscreteWorld.ATTEMPTS;
import static dev.parley.effect.discrete.DiscreteWorld.CONCURRENCY;
import static dev.parley.effect.discrete.DiscreteWorld.LEASE;
import static dev.parley.effect.discrete.DiscreteWorld.PAUSE_MIN;
import static dev.parley.effect.discrete.DiscreteWorld.POLL;
import static dev.parley.effect.discrete.DiscreteWorld.RETENTION;
import static dev.parley.effect.discrete.DiscreteWorld.STOP_WAIT;
import static dev.parley.effect.discrete.DiscreteWorld.UPKEEP;
import static dev.parley.effect.discrete.DiscreteWorld.failed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.effect.discrete.DiscreteWorld.Session;
import dev.parley.effect.discrete.EffectHandler.Outcome;
import dev.parley.effect.discrete.ToldHandler.Execution;
import dev.parley.store.EffectInspector.Rerun;
import dev.parley.store.EffectInspector.StoredEffect;
import dev.parley.store.EffectStatus;
import dev.parley.store.InMemoryStore.CallFault;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Requirements O6, O7 and O8, on a virtual clock.
final class DiscreteEffectsTest {
  private final DiscreteWorld world = new DiscreteWorld();
  private final ToldHandler handler = new ToldHandler(world.loop);

  @AfterEach
  void executesOneEffectOfASessionAtATime() {
    assertThat(handler.violations).isEmpty();
  }

  // Being woken.

  @Test
  void executesAnEffectAtOnceWhenItsCommitTellsOfIt() {
    var _ = world.started(handler);
    var before = world.loop.now();
    Session _ = world.session("a");
    world.loop.runUntilIdle();
    assertThat(handler.ids()).containsExactly("a");
    assertThat(world.loop.now()).isEqualTo(before);
    assertThat(world.find("a").status()).isEqualTo(EffectStatus.COMPLETED);
    assertThat(world.executed("completed")).isEqualTo(1);
  }

  @Test
  void findsBySweepingWhatNoWakeToldOf() {
    var _ = world.started(handler);
    world.wakesLost = 1;
    Session _ = world.session("a");
    assertThat(handler.ids()).isEmpty();
    world.loop.advance(POLL.plusMillis(1));
    assertThat(handler.ids()).containsExactly("a");
  }

  @Test
  void takesUpAtItsStartWhatIsPending() {
    Session _ = world.session("a", "b");
    Session _ = world.session("c");
    var _ = world.started(handler);
    assertThat(handler.ids()).containsExactlyInAnyOrder("a", "b", "c");
  }

  @Test
  void asksOncePerPollWhileThereIsNothingToDo() {
    WatchedQueue queue = new WatchedQueue(world.store.effects());
    world.engine(handler, queue).start();
    world.loop.advance(UPKEEP.minusMillis(1));
    assertThat(queue.dues).isEqualTo((int) UPKEEP.dividedBy(POLL));
    assertThat(queue.claims).isZero();
    assertThat(queue.upkeeps).isEqualTo(1);
  }

  @Test
  void startsOnce() {
    WatchedQueue queue = new WatchedQueue(world.store.effects());
    DiscreteEffects engine = world.engine(handler, queue);
    engine.start();
    engine.start();
    world.loop.advance(POLL);
    assertThat(queue.dues).isEqualTo(2);
  }

  // Order.

  @Test
  void executesTheEffectsOfASessionOneAfterTheOther() {
    handler.takes = _ -> Duration.ofSeconds(3);
    var _ = world.started(handler);
    Session session = world.session("z", "y");
    world.commit(session, "x");
    world.commit(session, "a");
    world.loop.advance(Duration.ofSeconds(13));
    assertThat(handler.ids()).containsExactly("z", "y", "x", "a");
  }

  @Test
  void letsNoEffectPassOneThatIsTriedAgain() {
    handler.outcome = e -> e.id().equals("a") && e.tries() < 3 ? failed() : new Outcome.Done();
    var _ = world.started(handler);
    Session _ = world.session("a", "b");
    world.loop.advance(Duration.ofMinutes(1));
    assertThat(handler.ids()).containsExactly("a", "a", "a", "b");
  }

  // Attempts.

  @Test
  void triesAgainAfterPausesThatDoubleWithinTheirBounds() {
    handler.outcome = _ -> failed();
    var _ = world.started(handler);
    Session _ = world.session("a");
    world.loop.advance(Duration.ofHours(1));
    List<Execution> tries = handler.executions;
    assertThat(tries).hasSize(ATTEMPTS);
    for (int i = 1; i < ATTEMPTS; i++) {
      Duration whole = PAUSE_MIN.multipliedBy(1L << (i - 1));
      Duration pause = Duration.between(tries.get(i - 1).at(), tries.get(i).at());
      assertThat(pause).isBetween(whole.dividedBy(2), whole.plus(POLL));
      assertThat(tries.get(i).id()).isEqualTo("a");
    }
  }

  @Test
  void givesUpAfterTheLastAttemptAndKeepsTheError() {
    handler.outcome = e -> e.id().equals("a") ? failed() : new Outcome.Done();
    var _ = world.started(handler);
    Session _ = world.session("a", "b");
    world.loop.advance(Duration.ofHours(1));
    StoredEffect a = world.find("a");
    assertThat(a.status()).isEqualTo(EffectStatus.FAILED);
    assertThat(a.attempts()).isEqualTo(ATTEMPTS);
    assertThat(a.lastError()).isEqualTo("status 500");
    assertThat(world.find("b").status()).isEqualTo(EffectStatus.COMPLETED);
    assertThat(world.executed("retried")).isEqualTo(ATTEMPTS - 1);
    assertThat(world.executed("failed")).isEqualTo(1);
  }

  @Test
  void givesUpAtOnceWhatNoAttemptCanHelp() {
    handler.outcome = _ -> new Outcome.Failed("gone", false);
    var _ = world.started(handler);
    Session _ = world.session("a");
    world.loop.advance(Duration.ofHours(1));
    assertThat(handler.ids()).containsExactly("a");
    assertThat(world.find("a").lastError()).isEqualTo("gone");
  }

  @Test
  void countsADefectOfTheHandlerAsAFailedAttempt() {
    List<String> asked = new ArrayList<>();
    EffectHandler broken =
        effect -> {
          asked.add(effect.id());
          if (asked.size() == 1) {
            throw new IllegalStateException("thrown");
          }
          return asked.size() == 2
              ? Uni.createFrom().failure(new IllegalStateException("failed"))
              : Uni.createFrom().item(new Outcome.Done());
        };
    var _ = world.started(broken);
    Session _ = world.session("a");
    assertThat(world.find("a").lastError()).isEqualTo("defect IllegalStateException");
    world.loop.advance(Duration.ofMinutes(1));
    assertThat(asked).hasSize(3);
    assertThat(world.find("a").status()).isEqualTo(EffectStatus.COMPLETED);
  }

  @Test
  void executesNoMoreWhatWasCutOffInEveryAttempt() {
    Session session = world.session("a", "b");
    for (int i = 0; i < ATTEMPTS; i++) {
      assertThat(world.await(world.store.effects().claim(List.of(session.sid), LEASE))).hasSize(1);
      world.loop.advance(LEASE);
    }
    var _ = world.started(handler);
    world.loop.advance(POLL);
    assertThat(handler.ids()).containsExactly("b");
    assertThat(world.find("a").status()).isEqualTo(EffectStatus.FAILED);
    assertThat(world.find("a").lastError()).isEqualTo("its last attempt had no outcome");
  }

  @Test
  void givesUpWhatHasExpired() {
    handler.outcome = e -> e.id().equals("a") ? failed() : new Outcome.Done();
    DiscreteEffects engine = world.started(handler);
    Session session = world.session("a");
    world.await(engine.stop().replaceWith(0));
    world.loop.advance(Duration.ofHours(24));
    world.deaf(engine);
    world.commit(session, "b");
    var _ = world.started(handler);
    assertThat(handler.ids()).containsExactly("a", "b");
    assertThat(world.find("a").status()).isEqualTo(EffectStatus.FAILED);
    assertThat(world.find("a").lastError()).isEqualTo("expired; before that: status 500");
    assertThat(world.metrics.get("parley.effects.expired").counter().count()).isEqualTo(1);
  }

  @Test
  void removesWhatWasCompletedLongAgoBatchByBatch() {
    var _ = world.started(handler);
    List<String> names = IntStream.range(0, 25).mapToObj(i -> "e" + i).toList();
    Session _ = world.session(names.toArray(String[]::new));
    world.loop.advance(RETENTION.minusSeconds(1));
    assertThat(world.await(world.store.effects().list(null, "", 100))).hasSize(25);
    world.loop.advance(UPKEEP.plusSeconds(1));
    assertThat(world.await(world.store.effects().list(null, "", 100))).isEmpty();
  }

  @Test
  void runsAgainWhatAnOperatorWantsWithANewAllowance() {
    handler.outcome = _ -> failed();
    DiscreteEffects engine = world.started(handler);
    Session session = world.session("a");
    world.loop.advance(Duration.ofHours(1));
    assertThat(handler.executions).hasSize(ATTEMPTS);
    assertThat(world.await(world.store.effects().rerun("a"))).isInstanceOf(Rerun.Done.class);
    engine.wake(session.sid);
    world.loop.advance(Duration.ofHours(1));
    assertThat(handler.executions).hasSize(2 * ATTEMPTS);
    assertThat(world.find("a").attempts()).isEqualTo(2 * ATTEMPTS);
    handler.outcome = _ -> new Outcome.Done();
    assertThat(world.await(world.store.effects().rerun("a"))).isInstanceOf(Rerun.Done.class);
    world.loop.advance(POLL);
    assertThat(world.find("a").status()).isEqualTo(EffectStatus.COMPLETED);
  }

  // Leases and fences.

  @Test
  void changesNothingWithACompletionThatComesAfterTheLease() {
    WatchedQueue slow = new WatchedQueue(world.store.effects());
    slow.holdsCompletions = true;
    DiscreteEffects late = world.engine(handler, slow);
    late.start();
    Session _ = world.session("a");
    assertThat(slow.held).hasSize(1);
    world.deaf(late);
    CompletableFuture<Void> stopped = late.stop().subscribeAsCompletionStage();
    world.loop.advance(LEASE);
    assertThat(stopped).isDone();
    ToldHandler second = new ToldHandler(world.loop);
    second.takes = _ -> Duration.ofSeconds(5);
    var _ = world.started(second);
    StoredEffect executing = world.find("a");
    assertThat(executing.status()).isEqualTo(EffectStatus.EXECUTING);
    slow.held.remove().run();
    world.loop.runUntilIdle();
    assertThat(world.find("a")).isEqualTo(executing);
    world.loop.advance(Duration.ofSeconds(5));
    assertThat(world.find("a").status()).isEqualTo(EffectStatus.COMPLETED);
    assertThat(world.find("a").attempts()).isEqualTo(2);
    assertThat(second.ids()).containsExactly("a");
  }

  @Test
  void givesUpAnAttemptWhoseLeaseIsOverAndMakesAnother() {
    handler.takes = e -> e.attempts() == 1 ? Duration.ofSeconds(-1) : Duration.ZERO;
    var _ = world.started(handler);
    Session _ = world.session("a", "b");
    world.loop.advance(LEASE.minusMillis(1));
    assertThat(handler.cancelled).isEmpty();
    world.loop.advance(POLL.plusMillis(1));
    assertThat(handler.cancelled).containsExactly("a");
    world.loop.advance(LEASE.plus(POLL));
    assertThat(handler.ids()).containsExactly("a", "a", "b", "b");
    assertThat(world.executed("abandoned")).isEqualTo(2);
  }

  @Test
  void executesAgainUnderTheSameIdWhatACrashLeftExecuting() {
    handler.takes = _ -> Duration.ofSeconds(-1);
    WatchedQueue connection = new WatchedQueue(world.store.effects());
    DiscreteEffects crashed = world.engine(handler, connection);
    crashed.start();
    Session _ = world.session("a", "b");
    assertThat(handler.ids()).containsExactly("a");
    connection.dead = true;
    world.deaf(crashed);
    ToldHandler second = new ToldHandler(world.loop);
    var _ = world.started(second);
    world.loop.advance(LEASE.minusMillis(1));
    assertThat(second.ids()).isEmpty();
    world.loop.advance(POLL.plusMillis(1));
    assertThat(second.ids()).containsExactly("a", "b");
    world.loop.advance(LEASE.multipliedBy(3));
    assertThat(second.ids()).containsExactly("a", "b");
  }

  // Fairness and bounds.

  @Test
  void letsNoBusySessionStarveTheOthers() {
    handler.takes = _ -> Duration.ofMillis(10);
    var _ = world.started(handler);
    String[] many = IntStream.range(0, 10_000).mapToObj(i -> "busy-" + i).toArray(String[]::new);
    Session busy = world.session(many);
    for (int i = 0; i < 100; i++) {
      Session _ = world.session("other-" + i);
    }
    world.loop.runUntil(
        () -> handler.executions.stream().filter(e -> e.sid() != busy.sid).count() == 100,
        Duration.ofMinutes(1));
    // Its turn comes once in a round of those that wait.
    assertThat(handler.executions.stream().filter(e -> e.sid() == busy.sid).count())
        .isBetween(1L, 5L);
    world.loop.advance(Duration.ofMinutes(3));
    assertThat(handler.executions).hasSize(10_100);
    assertThat(handler.ids().stream().filter(id -> id.startsWith("busy-"))).containsExactly(many);
  }

  @Test
  void executesNoMoreAtOnceThanIsAllowed() {
    handler.takes = _ -> Duration.ofSeconds(1);
    var _ = world.started(handler);
    for (int i = 0; i < 40; i++) {
      Session _ = world.session("e" + i);
    }
    world.loop.advance(Duration.ofSeconds(1));
    assertThat(world.metrics.get("parley.effects.executing").gauge().value())
        .isEqualTo(CONCURRENCY);
    world.loop.advance(Duration.ofSeconds(10));
    assertThat(handler.executions).hasSize(40);
    assertThat(handler.atOnceMax).isEqualTo(CONCURRENCY);
  }

  @Test
  void findsAgainTheSessionsThatItCouldNotRemember() {
    handler.takes = _ -> Duration.ofMillis(100);
    DiscreteEffects engine = world.started(handler);
    int count = 3 * DiscreteWorld.READY;
    for (int i = 0; i < count; i++) {
      Session session = world.session("a" + i, "b" + i);
      engine.wake(session.sid);
    }
    world.loop.advance(Duration.ofSeconds(30));
    assertThat(handler.executions).hasSize(2 * count);
    assertThat(handler.ids()).doesNotHaveDuplicates();
  }

  // The store goes away.

  @Test
  void goesOnWhenTheStoreIsBack() {
    var _ = world.started(handler);
    Session session = world.session();
    world.away = true;
    world.loop.advance(Duration.ofMinutes(5));
    world.away = false;
    world.commit(session, "a");
    world.wakesLost = 1;
    world.commit(session, "b");
    world.loop.advance(POLL);
    assertThat(handler.ids()).containsExactly("a", "b");
  }

  @Test
  void executesOnceWhoseOutcomeCanBeRecordedOnlyLater() {
    handler.outcome =
        _ -> {
          world.away = true;
          return new Outcome.Done();
        };
    var _ = world.started(handler);
    Session _ = world.session("a");
    world.loop.advance(LEASE.minus(POLL).minusSeconds(1));
    assertThat(world.find("a").status()).isEqualTo(EffectStatus.EXECUTING);
    world.away = false;
    world.loop.advance(POLL);
    assertThat(world.find("a").status()).isEqualTo(EffectStatus.COMPLETED);
    world.loop.advance(LEASE.multipliedBy(2));
    assertThat(handler.ids()).containsExactly("a");
  }

  @Test
  void executesAgainWhoseOutcomeCouldNotBeRecorded() {
    handler.outcome =
        e -> {
          world.away = e.attempts() == 1;
          return new Outcome.Done();
        };
    var _ = world.started(handler);
    Session _ = world.session("a");
    world.loop.advance(LEASE.plusSeconds(10));
    world.away = false;
    world.loop.advance(POLL);
    assertThat(handler.ids()).containsExactly("a", "a");
    assertThat(world.find("a").status()).isEqualTo(EffectStatus.COMPLETED);
  }

  @Test
  void executesOnceWhatWasClaimedWithoutAnAnswer() {
    var _ = world.started(handler);
    Session session = world.session();
    world.wakesLost = 1;
    world.commit(session, "a");
    loseTheNextClaim();
    world.loop.advance(LEASE.plus(POLL));
    assertThat(handler.ids()).containsExactly("a");
    assertThat(world.find("a").attempts()).isEqualTo(2);
  }

  // Stopping.

  @Test
  void waitsForWhatIsUnderWayWhenItStops() {
    handler.takes = _ -> STOP_WAIT.minusMillis(1);
    DiscreteEffects engine = world.started(handler);
    Session session = world.session("a", "b");
    CompletableFuture<Void> stopped = engine.stop().subscribeAsCompletionStage();
    CompletableFuture<Void> again = engine.stop().subscribeAsCompletionStage();
    world.loop.runUntilIdle();
    assertThat(stopped).isNotDone();
    world.loop.advance(STOP_WAIT);
    assertThat(stopped).isDone();
    assertThat(again).isDone();
    engine.wake(session.sid);
    world.loop.advance(Duration.ofHours(1));
    assertThat(handler.ids()).containsExactly("a");
    assertThat(world.find("a").status()).isEqualTo(EffectStatus.COMPLETED);
    assertThat(world.find("b").status()).isEqualTo(EffectStatus.PENDING);
    assertThat(world.loop.timers()).isZero();
  }

  @Test
  void givesBackWhatTakesTooLongWhenItStops() {
    handler.takes = _ -> Duration.ofSeconds(-1);
    DiscreteEffects engine = world.started(handler);
    Session _ = world.session("a");
    CompletableFuture<Void> stopped = engine.stop().subscribeAsCompletionStage();
    world.loop.advance(STOP_WAIT);
    assertThat(stopped).isDone();
    assertThat(handler.cancelled).containsExactly("a");
    assertThat(world.find("a").status()).isEqualTo(EffectStatus.PENDING);
    assertThat(world.find("a").lastError()).isEqualTo("the node stopped");
    ToldHandler second = new ToldHandler(world.loop);
    var _ = world.started(second);
    assertThat(second.ids()).containsExactly("a");
  }

  @Test
  void stopsInItsTimeWithoutTheStore() {
    handler.takes = _ -> Duration.ofSeconds(-1);
    DiscreteEffects engine = world.started(handler);
    Session _ = world.session("a");
    world.away = true;
    CompletableFuture<Void> stopped = engine.stop().subscribeAsCompletionStage();
    world.loop.advance(STOP_WAIT.multipliedBy(2));
    assertThat(stopped).isDone();
  }

  @Test
  void stopsAtOnceWhenNothingIsUnderWay() {
    DiscreteEffects engine = world.started(handler);
    CompletableFuture<Void> stopped = engine.stop().subscribeAsCompletionStage();
    world.loop.runUntilIdle();
    assertThat(stopped).isDone();
    assertThat(world.loop.timers()).isZero();
  }

  /// The claims after the next sweep arrive, and their answers do not.
  private void loseTheNextClaim() {
    int[] calls = {0};
    world.fault = () -> ++calls[0] == 2 ? CallFault.LOST_AFTER : CallFault.NONE;
  }
}
