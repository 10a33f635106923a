package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.JsonText;
import dev.parley.session.Effect;
import dev.parley.session.SessionKey;
import dev.parley.store.CommitLane.CommitFailure;
import dev.parley.store.CommitLane.CommitFailure.Remedy;
import dev.parley.testing.ManualEventLoop;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class JournalTest {
  private static final AppendResult APPLIED = new AppendResult.Applied();
  private static final AppendResult UNKNOWN = new AppendResult.Unknown();

  private final ManualEventLoop loop = new ManualEventLoop();
  private final HeldLane lane = new HeldLane();
  private final List<String> order = new ArrayList<>();
  private final Map<Long, AppendResult> results = new HashMap<>();

  /// Keeps each batch until the test says what becomes of it.
  private static final class HeldLane implements CommitLane {
    private final Deque<UniEmitter<? super Set<Long>>> waiting = new ArrayDeque<>();
    private final List<List<Long>> batches = new ArrayList<>();
    private boolean broken;

    @Override
    public Uni<Set<Long>> commit(List<PreparedAppend> batch) {
      if (broken) {
        throw new IllegalStateException("a defect");
      }
      batches.add(batch.stream().map(a -> a.append().sid()).toList());
      return Uni.createFrom().<Set<Long>>emitter(waiting::add);
    }

    List<Long> inFlight() {
      assertThat(waiting).hasSize(1);
      return batches.getLast();
    }

    void apply(long... sids) {
      waiting.remove().complete(LongStream.of(sids).boxed().collect(Collectors.toSet()));
    }

    void applyAll() {
      apply(inFlight().stream().mapToLong(Long::longValue).toArray());
    }

    void fail(Throwable failure) {
      waiting.remove().fail(failure);
    }
  }

  private final class Listener implements CommitListener {
    @Override
    public void committed(long sid, List<EncodedFrame> frames) {
      order.add("heard " + sid);
    }

    @Override
    public void changed(SessionKey key, Instant at) {
      order.add("changed " + key.threadId());
    }

    @Override
    public void effectsCommitted(long sid) {
      order.add("effects of " + sid);
    }
  }

  @Test
  void sendsASingleAppendAtOnce() {
    Journal journal = journal(10, 1000);
    append(journal, 1);
    assertThat(lane.inFlight()).containsExactly(1L);
    lane.applyAll();
    loop.runUntilIdle();
    assertThat(results).isEqualTo(Map.of(1L, APPLIED));
  }

  @Test
  void gathersWhatComesWhileABatchIsOnItsWay() {
    Journal journal = journal(10, 1_000_000);
    append(journal, 1);
    append(journal, 2, 3);
    append(journal, 4);
    assertThat(lane.batches).containsExactly(List.of(1L));
    lane.applyAll();
    loop.runUntilIdle();
    assertThat(lane.inFlight()).containsExactly(2L, 3L, 4L);
    assertThat(results.keySet()).containsExactly(1L);
    lane.applyAll();
    loop.runUntilIdle();
    assertThat(results).hasSize(4).allSatisfy((_, result) -> assertThat(result).isEqualTo(APPLIED));
    assertThat(lane.waiting).isEmpty();
  }

  @Test
  void neverHasTwoBatchesInFlight() {
    Journal journal = journal(2, 1_000_000);
    append(journal, LongStream.rangeClosed(1, 9).toArray());
    while (!lane.waiting.isEmpty()) {
      assertThat(lane.waiting).hasSize(1);
      lane.applyAll();
      loop.runUntilIdle();
    }
    assertThat(results).hasSize(9);
  }

  @Test
  void boundsABatchBySessions() {
    Journal journal = journal(3, 1_000_000);
    append(journal, LongStream.rangeClosed(1, 8).toArray());
    applyUntilDone();
    assertThat(lane.batches)
        .containsExactly(List.of(1L), List.of(2L, 3L, 4L), List.of(5L, 6L, 7L), List.of(8L));
  }

  @Test
  void boundsABatchByBytesAndStillTakesALargeAppend() {
    long small = PreparedAppend.of(appendOf(1, "é")).bytes();
    Journal journal = journal(100, (int) (2 * small));
    append(journal, 1);
    journal(journal, appendOf(2, "é"), appendOf(3, "é"), appendOf(4, "é"));
    journal(journal, appendOf(5, "x".repeat(10_000)), appendOf(6, "é"));
    applyUntilDone();
    assertThat(lane.batches)
        .containsExactly(List.of(1L), List.of(2L, 3L), List.of(4L), List.of(5L), List.of(6L));
  }

  @Test
  void countsEventsAndSnapshotsAsBytes() {
    Story story = story(1);
    PreparedAppend prepared =
        PreparedAppend.of(
            story.nextWithSnapshot(story.create(null), story.send("x".repeat(1_000))));
    // The message stands in a frame, in an event and in the snapshot of the running turn.
    assertThat(prepared.bytes()).isBetween(3_000L, 5_000L);
  }

  @Test
  void tellsWhoWasMissed() {
    Journal journal = journal(10, 1_000_000);
    append(journal, 1);
    append(journal, 2, 3);
    lane.apply();
    loop.runUntilIdle();
    lane.apply(3);
    loop.runUntilIdle();
    AppendResult missed = new AppendResult.Missed();
    assertThat(results).isEqualTo(Map.of(1L, missed, 2L, missed, 3L, APPLIED));
    assertThat(order).containsExactly("answered 1", "answered 2", "heard 3", "answered 3");
  }

  @Test
  void bisectsUntilThePoisonStandsAlone() {
    Journal journal = journal(100, 1_000_000);
    append(journal, 100);
    append(journal, LongStream.range(0, 100).toArray());
    long poisoned = 37;
    int tries = 0;
    while (!lane.waiting.isEmpty()) {
      tries++;
      if (lane.inFlight().contains(poisoned)) {
        lane.fail(new CommitFailure(Remedy.BISECT, "22021"));
      } else {
        lane.applyAll();
      }
      loop.runUntilIdle();
    }
    assertThat(results.remove(poisoned)).isEqualTo(new AppendResult.Refused("22021"));
    assertThat(results)
        .hasSize(100)
        .allSatisfy((_, result) -> assertThat(result).isEqualTo(APPLIED));
    assertThat(order).doesNotContain("heard 37");
    // The opener, then a path of at most eight batches to the one to blame and their other halves.
    assertThat(tries).isLessThanOrEqualTo(1 + 2 * 8);
  }

  @Test
  void commitsHalvesBeforeWhatHasGatheredMeanwhile() {
    Journal journal = journal(100, 1_000_000);
    append(journal, 1);
    append(journal, 2, 3);
    lane.applyAll();
    loop.runUntilIdle();
    append(journal, 4);
    lane.fail(new CommitFailure(Remedy.BISECT, "23505"));
    loop.runUntilIdle();
    applyUntilDone();
    assertThat(lane.batches)
        .containsExactly(List.of(1L), List.of(2L, 3L), List.of(2L), List.of(3L), List.of(4L));
  }

  @Test
  void retriesALostRace() {
    Journal journal = journal(100, 1_000_000);
    append(journal, 1);
    lane.fail(new CommitFailure(Remedy.RETRY, "40001"));
    loop.runUntilIdle();
    assertThat(results).isEmpty();
    lane.applyAll();
    loop.runUntilIdle();
    assertThat(results).isEqualTo(Map.of(1L, APPLIED));
    assertThat(order).containsExactly("heard 1", "answered 1");
  }

  @Test
  void retriesALostRaceOnlySoOften() {
    Journal journal = journal(100, 1_000_000);
    append(journal, 1);
    append(journal, 2, 3);
    lane.applyAll();
    loop.runUntilIdle();
    for (int i = 0; i < 3; i++) {
      assertThat(lane.inFlight()).containsExactly(2L, 3L);
      lane.fail(new CommitFailure(Remedy.RETRY, "40P01"));
      loop.runUntilIdle();
    }
    assertThat(lane.waiting).isEmpty();
    assertThat(results).isEqualTo(Map.of(1L, APPLIED, 2L, UNKNOWN, 3L, UNKNOWN));
  }

  @Test
  void tellsUnknownToEverySessionAndGoesOn() {
    Journal journal = journal(100, 1_000_000);
    append(journal, 1);
    append(journal, 2, 3);
    lane.applyAll();
    loop.runUntilIdle();
    append(journal, 4);
    lane.fail(new StoreUnavailableException("gone", null));
    loop.runUntilIdle();
    assertThat(results).isEqualTo(Map.of(1L, APPLIED, 2L, UNKNOWN, 3L, UNKNOWN));
    assertThat(order).doesNotContain("heard 2", "heard 3");
    lane.applyAll();
    loop.runUntilIdle();
    assertThat(results).containsEntry(4L, APPLIED);
  }

  @Test
  void tellsTheListenerBeforeTheCaller() {
    Journal journal = journal(100, 1_000_000);
    append(journal, 1);
    append(journal, 2, 3);
    applyUntilDone();
    assertThat(order)
        .containsExactly("heard 1", "answered 1", "heard 2", "answered 2", "heard 3", "answered 3");
  }

  @Test
  void tellsTheListenerOfNoFramesWhereAnAppendHasNone() {
    Journal journal = journal(100, 1_000_000);
    Story story = story(1);
    journal(journal, story.next(story.create(null)));
    applyUntilDone();
    assertThat(order).containsExactly("changed thread-1", "answered 1");
  }

  @Test
  void outlivesALaneThatThrows() {
    Journal journal = journal(100, 1_000_000);
    lane.broken = true;
    append(journal, 1);
    assertThat(results).isEqualTo(Map.of(1L, UNKNOWN));
    lane.broken = false;
    append(journal, 2);
    applyUntilDone();
    assertThat(results).containsEntry(2L, APPLIED);
  }

  @Test
  void outlivesAListenerThatThrows() {
    Journal journal =
        new Journal(
            loop,
            lane,
            (_, _) -> {
              throw new IllegalStateException("a defect");
            },
            new Journal.Settings(100, 1_000_000, 2));
    append(journal, 1);
    append(journal, 2, 3);
    applyUntilDone();
    assertThat(results).hasSize(3).allSatisfy((_, r) -> assertThat(r).isEqualTo(APPLIED));
  }

  @Test
  void tellsThatListsChangedWhereThereAreEventsOnly() {
    Journal journal = journal(100, 1_000_000);
    Story story = story(1);
    journal(journal, story.next(story.create(null), story.send("hello")));
    applyUntilDone();
    assertThat(order).containsExactly("heard 1", "changed thread-1", "answered 1");
    order.clear();
    results.clear();
    journal(journal, story.next(story.say("word")));
    applyUntilDone();
    assertThat(order).containsExactly("heard 1", "answered 1");
    order.clear();
    results.clear();
    journal(journal, story.next(story.delete()));
    applyUntilDone();
    assertThat(order).containsExactly("heard 1", "changed thread-1", "answered 1");
  }

  @Test
  void tellsNobodyOfASessionThatCameAndWentInOneAppend() {
    Journal journal = journal(100, 1_000_000);
    Story story = story(1);
    journal(journal, story.next(story.create(null), story.delete()));
    applyUntilDone();
    assertThat(order).containsExactly("heard 1", "answered 1");
  }

  @Test
  void tellsOfAnAppendThatWasFoundAfterADoubtAndOfAPossibleChangeInAnyCase() {
    Journal journal = journal(100, 1_000_000);
    Story story = story(1);
    Append append = story.next(story.create(null), story.send("hello"));
    journal(journal, append);
    lane.fail(new IllegalStateException("lost"));
    loop.runUntilIdle();
    assertThat(order).containsExactly("answered 1");
    journal.settled(append, true);
    loop.runUntilIdle();
    assertThat(order).containsExactly("answered 1", "heard 1", "changed thread-1");
    journal.settled(append, false);
    loop.runUntilIdle();
    assertThat(order.subList(3, 4)).containsExactly("changed thread-1");
  }

  @Test
  void tellsOfEffectsWithTheAnswerOrWhenADoubtHasEnded() {
    Journal journal = journal(100, 1_000_000);
    Effect effect = new Effect("e", Effect.Kind.CALL_WEBHOOK, "k", new JsonText("{}"));
    Story story = story(1);
    journal(journal, story.next(List.of(effect), false, story.create(null)));
    applyUntilDone();
    assertThat(order).containsExactly("effects of 1", "changed thread-1", "answered 1");
    Story other = story(2);
    Append doubtful = other.next(List.of(effect), false, other.create(null));
    journal(journal, doubtful);
    lane.fail(new IllegalStateException("lost"));
    loop.runUntilIdle();
    journal.settled(doubtful, false);
    loop.runUntilIdle();
    assertThat(order).doesNotContain("effects of 2");
    journal.settled(doubtful, true);
    loop.runUntilIdle();
    assertThat(order).contains("effects of 2");
  }

  private Journal journal(int sessionsMax, int bytesMax) {
    return new Journal(loop, lane, new Listener(), new Journal.Settings(sessionsMax, bytesMax, 2));
  }

  private void append(Journal journal, long... sids) {
    journal(
        journal, LongStream.of(sids).mapToObj(sid -> appendOf(sid, "é")).toArray(Append[]::new));
  }

  private void journal(Journal journal, Append... appends) {
    Arrays.stream(appends)
        .forEach(append ->
            journal
                .append(append)
                .subscribe()
                .with(
                    result -> {
                      order.add("answered " + append.sid());
                      assertThat(results.put(append.sid(), result)).isNull();
                    },
                    failure -> {
                      throw new AssertionError("the journal failed", failure);
                    }));
    loop.runUntilIdle();
  }

  private void applyUntilDone() {
    while (!lane.waiting.isEmpty()) {
      lane.applyAll();
      loop.runUntilIdle();
    }
  }

  /// An append of one frame with that word.
  private static Append appendOf(long sid, String word) {
    Story story = story(sid);
    var _ = story.next(story.create(null), story.send("hello"));
    return story.next(story.say(word));
  }

  private static Story story(long sid) {
    return new Story(new SessionKey("user", "demo", "thread-" + sid), sid, 1);
  }
}
