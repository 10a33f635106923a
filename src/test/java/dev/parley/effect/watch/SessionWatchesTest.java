package dev.parley.effect.watch;

import static dev.parley.effect.watch.WatchWorld.BATCH;
import static dev.parley.effect.watch.WatchWorld.LISTED;
import static dev.parley.effect.watch.WatchWorld.POLL;
import static dev.parley.effect.watch.WatchWorld.UNTOLD;
import static dev.parley.effect.watch.WatchWorld.USER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.effect.watch.SessionChange.Changed;
import dev.parley.effect.watch.SessionChange.Listed;
import dev.parley.effect.watch.SessionChange.Removed;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.store.InMemoryStore.CommitFault;
import dev.parley.store.SessionInfo;
import dev.parley.store.page.Page;
import dev.parley.testing.ManualEventLoop;
import dev.parley.testing.Recorder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Whoever watches knows the last state of every session of the list, however slow.
///
/// Interleavings again by `-Dparley.watch.seed`.
class SessionWatchesTest {
  private static final int INTERLEAVINGS = 300;
  private static final @Nullable Long SEED = Long.getLong("parley.watch.seed");
  private static final Duration LONG = Duration.ofSeconds(30);

  private static final List<CommitFault> FAULTS = List.of(CommitFault.values());

  private final WatchWorld world = new WatchWorld();

  @Test
  void tellsTheListFirstNewestFirst() {
    SessionKey older = world.created();
    SessionKey newer = world.created();
    assertThat(world.live().items())
        .containsExactly(listed(false, world.stored(newer), world.stored(older)));
  }

  @Test
  void tellsAUserWithoutSessionsSo() {
    assertThat(world.live().items()).containsExactly(listed(false));
  }

  @Test
  void beginsWithNoMoreThanTheNewestSessions() {
    var _ = IntStream.rangeClosed(0, LISTED).mapToObj(_ -> world.created()).toList();
    assertThat(world.live().items())
        .containsExactly(
            listed(true, world.stored().subList(0, LISTED).toArray(SessionInfo[]::new)));
  }

  @Test
  void tellsEachChangeOfASessionAsItIsThen() {
    Recorder<List<SessionChange>> client = world.live();
    SessionKey key = world.created();
    assertLast(client, new Changed(world.stored(key)));
    world.renamed(key, "title");
    assertLast(client, new Changed(world.stored(key)));
    assertThat(world.stored(key).title()).isEqualTo("title");
    world.said(key);
    assertLast(client, new Changed(world.stored(key)));
    assertThat(world.stored(key).usage().outputTokens()).isEqualTo(2);
    assertThat(world.await(world.hub.delete(key))).isTrue();
    assertLast(client, new Removed(key));
    world.assertTrue(client);
    assertThat(world.rescued()).isZero();
  }

  @Test
  void tellsThatATurnRunsAndThatItHasEnded() {
    SessionKey key = world.created();
    Recorder<List<SessionChange>> client = world.live();
    world.said(key);
    assertThat(
            client.items().stream()
                .skip(1)
                .flatMap(List::stream)
                .map(change -> ((Changed) change).session().streaming()))
        .containsSequence(true, false);
  }

  @Test
  void tellsTheSuccessorOfADeletedSessionByItsIncarnation() {
    SessionKey key = world.created();
    Recorder<List<SessionChange>> client = world.slow();
    SessionInfo before = world.stored(key);
    assertThat(world.await(world.hub.delete(key))).isTrue();
    var _ = world.await(world.hub.create(key, null));
    request(client);
    assertLast(client, new Changed(world.stored(key)));
    assertThat(world.stored(key).incarnation()).isNotEqualTo(before.incarnation());
  }

  @Test
  void tellsNothingOfTheSessionsOfOthers() {
    Recorder<List<SessionChange>> other =
        world.watched(
            new Recorder<List<SessionChange>>(1).reacting((self, _) -> self.request(1)), "other");
    world.said(world.created());
    assertThat(other.items()).containsExactly(listed(false));
  }

  @Test
  void tellsASlowClientOnceOfWhatChangedManyTimes() {
    SessionKey one = world.created();
    SessionKey two = world.created();
    Recorder<List<SessionChange>> client = world.slow();
    for (int i = 0; i < 100; i++) {
      world.renamed(i % 2 == 0 ? one : two, "title " + i);
    }
    assertThat(client.items()).hasSize(1);
    request(client);
    assertThat(client.items()).hasSize(2);
    assertThat(client.items().getLast())
        .containsExactly(new Changed(world.stored(one)), new Changed(world.stored(two)));
    request(client);
    assertThat(client.items()).hasSize(2);
  }

  @Test
  void tellsMoreChangesThanOneBatchHasInTheNext() {
    List<SessionKey> keys = IntStream.range(0, UNTOLD).mapToObj(_ -> world.created()).toList();
    Recorder<List<SessionChange>> client = world.slow();
    keys.forEach(key -> world.renamed(key, "title"));
    request(client);
    assertThat(client.items().getLast()).hasSize(BATCH);
    request(client);
    assertThat(client.items().getLast()).hasSize(UNTOLD - BATCH);
    world.assertTrue(client);
  }

  @Test
  void tellsTheListAgainWhenMoreChangedThanItKeeps() {
    List<SessionKey> keys =
        IntStream.rangeClosed(0, UNTOLD).mapToObj(_ -> world.created()).toList();
    Recorder<List<SessionChange>> client = world.slow();
    keys.forEach(key -> world.renamed(key, "title"));
    request(client);
    assertThat(client.items().getLast())
        .isEqualTo(listed(false, world.stored().toArray(SessionInfo[]::new)));
    request(client);
    assertThat(client.items()).hasSize(2);
  }

  @Test
  void goesOnForOneClientWhileAnotherIsSlow() {
    SessionKey key = world.created();
    Recorder<List<SessionChange>> slow = world.slow();
    Recorder<List<SessionChange>> live = world.live();
    world.renamed(key, "one");
    world.renamed(key, "two");
    assertThat(live.items()).hasSize(3);
    assertThat(slow.items()).hasSize(1);
  }

  @Test
  void endsWhenTheStoreIsAwayAsItReads() {
    SessionKey key = world.created();
    Recorder<List<SessionChange>> client = world.slow();
    world.renamed(key, "title");
    world.away = true;
    request(client);
    assertEnded(client, Refusal.Code.UNAVAILABLE);
    assertEnded(world.live(), Refusal.Code.UNAVAILABLE);
  }

  @Test
  void endsWhenTheSweepFindsTheStoreAwayAndGoesOnSweeping() {
    Recorder<List<SessionChange>> first = world.live();
    world.away = true;
    world.loop.advance(POLL.multipliedBy(2));
    assertEnded(first, Refusal.Code.UNAVAILABLE);
    assertThat(world.users()).isZero();
    world.away = false;
    Recorder<List<SessionChange>> second = world.live();
    assertThat(second.items()).containsExactly(listed(false));
    world.away = true;
    world.loop.advance(POLL.multipliedBy(2));
    assertEnded(second, Refusal.Code.UNAVAILABLE);
  }

  @Test
  void endsWithTheNodeAndBeginsNoMore() {
    Recorder<List<SessionChange>> client = world.slow();
    world.watches.stop();
    world.watches.stop();
    world.loop.runUntilIdle();
    assertEnded(client, Refusal.Code.DRAINING);
    assertEnded(world.slow(), Refusal.Code.DRAINING);
    world.loop.advance(LONG);
    assertThat(world.loop.timers()).isZero();
  }

  @Test
  void forgetsWhoeverHasLeft() {
    Recorder<List<SessionChange>> one = world.live();
    Recorder<List<SessionChange>> two = world.live();
    assertThat(world.users()).isEqualTo(1);
    one.cancel();
    world.loop.runUntilIdle();
    assertThat(world.users()).isEqualTo(1);
    two.cancel();
    world.loop.runUntilIdle();
    assertThat(world.users()).isZero();
    var _ = world.created();
    assertThat(one.items()).hasSize(1);
  }

  @Test
  void refusesADemandThatIsNone() {
    Recorder<List<SessionChange>> client = world.slow();
    client.request(-1);
    world.loop.runUntilIdle();
    assertThat(client.failure()).isInstanceOf(IllegalArgumentException.class);
    assertThat(world.users()).isZero();
  }

  @Test
  void tellsTheListAgainWhenAWakeWasLostAndCountsIt() {
    SessionKey key = world.created();
    Recorder<List<SessionChange>> one = world.live();
    Recorder<List<SessionChange>> two = world.slow();
    world.wakesLost = 1;
    world.renamed(key, "unheard");
    // Whoever comes now has seen it; the others have not.
    Recorder<List<SessionChange>> three = world.live();
    assertThat(one.items()).hasSize(1);
    world.loop.advance(POLL.multipliedBy(3));
    request(two);
    for (Recorder<List<SessionChange>> client : List.of(one, two, three)) {
      assertThat(client.items().getLast()).isEqualTo(listed(false, world.stored(key)));
    }
    assertThat(world.rescued()).isEqualTo(1);
    world.loop.advance(LONG);
    assertThat(one.items()).hasSize(2);
    assertThat(world.rescued()).isEqualTo(1);
  }

  @Test
  void takesNothingForALostWakeThatIsNone() {
    Recorder<List<SessionChange>> silent = world.watched(new Recorder<>(0), USER);
    SessionKey key = world.created();
    Recorder<List<SessionChange>> client = world.live();
    for (int i = 0; i < 20; i++) {
      world.renamed(key, "title " + i);
      world.loop.advance(POLL.dividedBy(3));
    }
    assertThat(world.await(world.hub.delete(key))).isTrue();
    world.loop.advance(LONG);
    assertThat(world.rescued()).isZero();
    world.assertTrue(client);
    assertThat(silent.items()).isEmpty();
  }

  /// Clients that come, acknowledge and go as they like; sessions that are made, change and go;
  /// commits that fail in every way: whoever has taken everything in the end shows what is stored.
  @Test
  void losesNoLastStateHoweverWatchingFallsBetweenCommits() {
    long begin = System.nanoTime();
    for (int i = 0; i < (SEED == null ? INTERLEAVINGS : 1); i++) {
      long seed = SEED == null ? begin + i : SEED;
      try {
        interleave(seed);
      } catch (AssertionError e) {
        throw new AssertionError("with -Dparley.watch.seed=" + seed, e);
      }
    }
  }

  private static void interleave(long seed) {
    Random random = new Random(seed);
    WatchWorld world = new WatchWorld(ManualEventLoop.seeded(seed));
    world.delay = random.nextBoolean() ? Duration.ZERO : Duration.ofMillis(1);
    List<SessionKey> keys =
        IntStream.rangeClosed(1, random.nextInt(2, 10))
            .mapToObj(i -> new SessionKey(USER, "demo", "s" + i))
            .toList();
    List<Recorder<List<SessionChange>>> clients = new ArrayList<>();
    List<Integer> acknowledged = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      SessionKey key = keys.get(random.nextInt(keys.size()));
      switch (random.nextInt(12)) {
        case 0 -> {
          Recorder<List<SessionChange>> client = new Recorder<>(1);
          world.watches.watch(USER).subscribe(client);
          clients.add(client);
          acknowledged.add(0);
        }
        case 1 -> acknowledge(random, clients, acknowledged);
        case 2 -> world.ask(world.hub.create(key, null));
        case 3 -> world.ask(world.hub.rename(key, "title " + i));
        case 4 -> world.ask(world.hub.delete(key));
        case 5 -> world.ask(world.send(key));
        case 6 -> {
          if (random.nextInt(4) == 0) {
            world.commitFaults.add(FAULTS.get(random.nextInt(FAULTS.size())));
          }
        }
        default -> {
          for (int steps = random.nextInt(20); steps > 0; steps--) {
            var _ = world.loop.step();
          }
        }
      }
    }
    world.loop.advance(LONG);
    for (int i = 0; i < clients.size(); i++) {
      Recorder<List<SessionChange>> client = clients.get(i);
      for (int taken = -1; taken < client.items().size(); ) {
        taken = client.items().size();
        if (acknowledged.get(i) < taken) {
          acknowledged.set(i, taken);
          client.request(1);
        }
        world.loop.runUntilIdle();
        world.loop.advance(Duration.ofMillis(10));
      }
      assertThat(client.failure()).isNull();
      world.assertTrue(client);
    }
    assertThat(world.rescued()).isZero();
  }

  private static void acknowledge(
      Random random, List<Recorder<List<SessionChange>>> clients, List<Integer> acknowledged) {
    if (clients.isEmpty()) {
      return;
    }
    int i = random.nextInt(clients.size());
    int taken = clients.get(i).items().size();
    if (acknowledged.get(i) < taken) {
      acknowledged.set(i, taken);
      clients.get(i).request(1);
    }
  }

  private void request(Recorder<List<SessionChange>> client) {
    client.request(1);
    world.loop.runUntilIdle();
  }

  private static List<SessionChange> listed(boolean hasMore, SessionInfo... sessions) {
    return List.of(new Listed(new Page<>(List.of(sessions), hasMore)));
  }

  private static void assertLast(Recorder<List<SessionChange>> client, SessionChange... changes) {
    assertThat(client.items().getLast()).containsExactly(changes);
  }

  private static void assertEnded(Recorder<List<SessionChange>> client, Refusal.Code code) {
    assertThat(client.failure())
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused ->
                assertThat(refused.refusal())
                    .isInstanceOfSatisfying(
                        Refusal.Failed.class, failed -> assertThat(failed.code()).isEqualTo(code)));
  }
}
