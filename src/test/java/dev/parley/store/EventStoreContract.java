package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.JsonText;
import dev.parley.content.MessagePart;
import dev.parley.loop.EventLoop;
import dev.parley.session.ChatMessage;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Effect;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every store promises to actors and to delivery, the journal above it included.
abstract class EventStoreContract {
  private static final AtomicInteger KEYS = new AtomicInteger();

  /// Which part of a commit's way is cut.
  enum Loss {
    /// The statement does not arrive.
    STATEMENT,
    /// The statement is carried out and the answer does not arrive.
    ANSWER,
    /// The statement arrives when its caller has given it up, at [#releaseLate].
    LATE
  }

  private final List<String> order = Collections.synchronizedList(new ArrayList<>());
  private final Map<Long, List<EncodedFrame>> heard = Collections.synchronizedMap(new HashMap<>());
  private final List<Integer> batches = Collections.synchronizedList(new ArrayList<>());
  private Journal journal;

  abstract EventStore store();

  abstract ColdReads coldReads();

  abstract Outbox outbox();

  abstract CommitLane lane();

  /// The loop of the lane and its journal.
  abstract EventLoop loop();

  /// The outcome of the `Uni`, having waited for it.
  abstract <T> T outcome(Uni<T> uni);

  abstract Tables tables(long sid);

  /// The next commit goes wrong.
  abstract void lose(Loss loss);

  /// Lets a statement that was held back go on, and waits until it has been carried out.
  abstract void releaseLate() throws Exception;

  @BeforeEach
  void openJournal() {
    CommitLane lane = lane();
    journal =
        new Journal(
            loop(),
            batch -> {
              batches.add(batch.size());
              return lane.commit(batch);
            },
            (sid, frames) -> {
              order.add("heard " + sid);
              heard.computeIfAbsent(sid, _ -> new ArrayList<>()).addAll(frames);
            },
            new Journal.Settings(256, 1 << 20, 2));
  }

  // Numbers and owners.

  @Test
  void reservesOneNumberPerKey() {
    SessionKey key = key();
    assertThat(outcome(store().find(key))).isEmpty();
    long sid = outcome(store().reserve(key));
    assertThat(outcome(store().reserve(key))).isEqualTo(sid);
    assertThat(outcome(store().find(key))).hasValue(sid);
    assertThat(outcome(store().reserve(key()))).isNotEqualTo(sid);
  }

  @Test
  void countsTheSessionsOfAUserAsFarAsItIsAsked() {
    String user = "counted-" + UUID.randomUUID();
    assertThat(outcome(store().hasSessions(user, 1))).isFalse();
    for (int i = 1; i <= 3; i++) {
      var _ = outcome(store().reserve(new SessionKey(user, "demo", "t" + i)));
    }
    assertThat(outcome(store().hasSessions(user, 1))).isTrue();
    assertThat(outcome(store().hasSessions(user, 3))).isTrue();
    assertThat(outcome(store().hasSessions(user, 4))).isFalse();
  }

  @Test
  void showsAReservedNumberToNobody() {
    SessionKey key = key();
    long sid = outcome(store().reserve(key));
    assertThat(outcome(coldReads().info(key))).isEmpty();
    StoredSession loaded = outcome(store().load(sid));
    assertThat(loaded.state()).isEqualTo(new SessionState.Absent());
    assertThat(loaded.lastCommit()).isNull();
  }

  @Test
  void raisesTheEpochWithEveryClaim() {
    long sid = outcome(store().reserve(key()));
    long first = outcome(store().claim(sid, "node-1")).orElseThrow();
    long second = outcome(store().claim(sid, "node-1")).orElseThrow();
    assertThat(second).isGreaterThan(first);
    assertThat(outcome(store().load(sid)).epoch()).isEqualTo(second);
  }

  @Test
  void reclaimsOnlyWhatItStillOwns() {
    long sid = outcome(store().reserve(key()));
    long first = outcome(store().claim(sid, "node-1")).orElseThrow();
    long second = outcome(store().reclaim(sid, "node-1", first)).orElseThrow();
    assertThat(second).isGreaterThan(first);
    assertThat(outcome(store().reclaim(sid, "node-2", second))).isEmpty();
    assertThat(outcome(store().load(sid)).epoch()).isEqualTo(second);
    // Had the first answer been lost, its caller would ask again under the epoch it knows.
    assertThat(outcome(store().reclaim(sid, "node-1", first)).orElseThrow()).isGreaterThan(second);
    long taken = outcome(store().claim(sid, "node-2")).orElseThrow();
    assertThat(outcome(store().reclaim(sid, "node-1", second))).isEmpty();
    assertThat(outcome(store().reclaim(sid, "node-1", taken))).isEmpty();
  }

  // Appends that are applied.

  @Test
  void appliesAnAppendWholeAndTellsTheListenerBeforehand() {
    Story story = begin();
    Append append =
        story.nextWithSnapshot(
            story.create("Title"), story.send("hello", WhenBusy.QUEUE, "client-1"));
    var answer = journal.append(append).invoke(_ -> order.add("answered " + story.sid()));
    assertThat(outcome(answer)).isEqualTo(new AppendResult.Applied());
    assertThat(order).containsExactly("heard " + story.sid(), "answered " + story.sid());
    PreparedAppend prepared = PreparedAppend.of(append);
    assertThat(heard.get(story.sid())).isEqualTo(prepared.frames());
    assertThat(tables(story.sid()))
        .isEqualTo(
            new Tables(
                prepared.events(),
                prepared.frames().stream().map(EncodedFrame::json).toList(),
                List.of(),
                prepared.projection().turns(),
                prepared.projection().messages(),
                prepared.projection().sends(),
                append.after().eventSeq(),
                0));
  }

  @Test
  void loadsAnIdleSession() {
    Story story = begin();
    apply(story, story.next(story.create(null)));
    assertLoads(story);
  }

  @Test
  void loadsARunningTurnWithWhatItHasSaid() {
    Story story = streaming();
    apply(story, story.next(story.say("one ", "two ")));
    apply(story, story.next(story.say("three ", "four ")));
    assertLoads(story);
  }

  @Test
  void loadsMoreThanAPageOfFrames() {
    Story story = streaming();
    for (int i = 0; i < 3; i++) {
      String[] words = IntStream.range(0, 100).mapToObj(Integer::toString).toArray(String[]::new);
      apply(story, story.next(story.say(words)));
    }
    assertLoads(story);
  }

  @Test
  void loadsAQueue() {
    Story story = streaming();
    apply(story, story.next(story.send("second"), story.send("third")));
    assertLoads(story);
    apply(story, story.next(story.done()));
    assertLoads(story);
  }

  @Test
  void loadsAFinishedTurn() {
    Story story = streaming();
    apply(story, story.next(story.say("one ")));
    apply(story, story.next(story.done()));
    assertLoads(story);
  }

  @Test
  void loadsASnapshotAndTheEventsAfterIt() {
    Story story = streaming();
    apply(story, story.nextWithSnapshot(story.say("one "), story.send("second")));
    assertThat(outcome(store().load(story.sid())).unsnapshotted()).isZero();
    assertLoads(story);
    apply(story, story.next(story.say("two ")));
    apply(story, story.next(story.send("third")));
    assertThat(outcome(store().load(story.sid())).unsnapshotted()).isEqualTo(1);
    assertLoads(story);
    apply(story, story.nextWithSnapshot(story.done()));
    assertThat(outcome(store().load(story.sid())).unsnapshotted()).isZero();
    assertLoads(story);
  }

  @Test
  void writesASnapshotBesideNothingButFrames() {
    Story story = streaming();
    apply(story, story.nextWithSnapshot(story.say("one ")));
    assertThat(outcome(store().load(story.sid())).unsnapshotted()).isZero();
    assertLoads(story);
  }

  @Test
  void loadsAHeadWithoutTheOutput() {
    Story story = streaming();
    apply(story, story.next(story.say("one ")));
    SessionState head = outcome(store().loadHead(story.sid())).state();
    assertThat(head.frameSeq()).isEqualTo(story.state().frameSeq());
    assertThat(((SessionState.Streaming) head).turn().output().isEmpty()).isTrue();
    assertThat(((SessionState.Streaming) head).core())
        .isEqualTo(((SessionState.Streaming) story.state()).core());
  }

  @Test
  void remembersTheLastCommit() {
    Story story = begin();
    Append first = story.next(story.create(null));
    apply(story, first);
    assertThat(outcome(store().load(story.sid())).lastCommit()).isEqualTo(first.commitId());
    Append second = story.next(story.send("hello"));
    apply(story, second);
    assertThat(outcome(store().load(story.sid())).lastCommit()).isEqualTo(second.commitId());
  }

  // Appends that are not.

  @Test
  void missesAnAppendUnderAnOlderEpoch() {
    Story story = streaming();
    outcome(store().claim(story.sid(), "node-2")).orElseThrow();
    assertMisses(story, story.next(story.say("too late")));
  }

  @Test
  void missesAnAppendThatExpectsAnotherEvent() {
    Story story = streaming();
    SessionState before = story.state();
    apply(story, story.next(story.send("second")));
    story.believe(before);
    assertMisses(story, story.next(story.send("instead")));
  }

  @Test
  void missesAnAppendThatExpectsAnotherFrame() {
    Story story = streaming();
    SessionState before = story.state();
    apply(story, story.next(story.say("one ")));
    story.believe(before);
    assertMisses(story, story.next(story.say("instead")));
  }

  @Test
  void missesALateAppendWhileOthersOfItsBatchApply() {
    List<Story> stories = IntStream.range(0, 5).mapToObj(_ -> streaming()).toList();
    outcome(store().claim(stories.get(2).sid(), "node-2"));
    List<Append> appends = stories.stream().map(s -> s.next(s.say("word"))).toList();
    List<AppendResult> results = appendTogether(appends);
    assertThat(batches.getLast()).isEqualTo(5);
    for (int i = 0; i < 5; i++) {
      assertThat(results.get(i))
          .isEqualTo(i == 2 ? new AppendResult.Missed() : new AppendResult.Applied());
    }
    assertThat(tables(stories.get(2).sid()).frames()).hasSize(3);
    assertLoads(stories.get(3));
  }

  @Test
  void refusesAPoisonedAppendAndCommitsTheOther99() {
    List<Story> stories = IntStream.range(0, 100).mapToObj(_ -> begin()).toList();
    List<Append> appends = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Story story = stories.get(i);
      appends.add(
          story.next(story.create(i == 37 ? "poi\0son" : "Title " + i), story.send("hello")));
    }
    List<AppendResult> results = appendTogether(appends);
    assertThat(batches).contains(100);
    for (int i = 0; i < 100; i++) {
      assertThat(results.get(i))
          .isEqualTo(i == 37 ? new AppendResult.Refused("22021") : new AppendResult.Applied());
    }
    assertThat(outcome(store().load(stories.get(37).sid())).state())
        .isEqualTo(new SessionState.Absent());
    assertThat(tables(stories.get(37).sid()).frames()).isEmpty();
    assertLoads(stories.get(36));
    assertLoads(stories.get(38));
  }

  @Test
  void refusesAnAppendThatBreaksAConstraint() {
    Story story = streaming();
    List<Effect> effects =
        List.of(new Effect("e-1", Effect.Kind.CALL_WEBHOOK, "not an id", new JsonText("{}")));
    Append append = story.next(effects, false, story.send("word"));
    assertThat(outcome(journal.append(append))).isEqualTo(new AppendResult.Refused("23514"));
    assertThat(tables(story.sid()).frames()).hasSize(3);
  }

  @Test
  void keepsACommitOfUnknownOutcomeThatLostOnlyItsAnswer() {
    Story story = streaming();
    apply(story, story.next(story.say("zero ")));
    Append append = story.next(story.say("one "));
    lose(Loss.ANSWER);
    assertThat(outcome(journal.append(append))).isEqualTo(new AppendResult.Unknown());
    assertThat(heard.get(story.sid()))
        .doesNotContainAnyElementsOf(PreparedAppend.of(append).frames());
    StoredSession truth = recovered(story);
    assertThat(truth.lastCommit()).isEqualTo(append.commitId());
    assertThat(truth.state()).isEqualTo(append.after());
    apply(story, story.next(story.say("two ")));
    assertLoads(story);
  }

  @Test
  void writesNothingOfACommitThatDidNotArrive() {
    Story story = streaming();
    apply(story, story.next(story.say("zero ")));
    Append append = story.next(story.say("one "));
    lose(Loss.STATEMENT);
    assertThat(outcome(journal.append(append))).isEqualTo(new AppendResult.Unknown());
    StoredSession truth = recovered(story);
    assertThat(truth.lastCommit()).isNotEqualTo(append.commitId());
    assertThat(truth.state()).isEqualTo(append.before());
    story.believe(truth.state());
    apply(story, story.next(story.say("two ")));
    assertLoads(story);
  }

  @Test
  void writesNothingOfACommitThatArrivesAfterTheSessionWasClaimedAgain() throws Exception {
    Story story = streaming();
    apply(story, story.next(story.say("zero ")));
    Append append = story.next(story.say("one "));
    lose(Loss.LATE);
    assertThat(outcome(journal.append(append))).isEqualTo(new AppendResult.Unknown());
    StoredSession truth = recovered(story);
    assertThat(truth.state()).isEqualTo(append.before());
    releaseLate();
    assertThat(outcome(store().load(story.sid())).state()).isEqualTo(append.before());
    assertThat(tables(story.sid()).frames()).hasSize((int) append.before().frameSeq());
  }

  @Test
  void goesOnWithTheNextBatchAfterAnUnknownOutcome() {
    List<Story> stories = IntStream.range(0, 3).mapToObj(_ -> streaming()).toList();
    stories.forEach(s -> apply(s, s.next(s.say("zero "))));
    List<Append> appends = stories.stream().map(s -> s.next(s.say("one "))).toList();
    lose(Loss.ANSWER);
    List<AppendResult> results = outcome(Uni.join().all(onLoop(appends)).andCollectFailures());
    // They go in two batches or more, and one of them loses its answer.
    assertThat(results).contains(new AppendResult.Unknown(), new AppendResult.Applied());
    stories.forEach(s -> assertThat(outcome(store().load(s.sid())).state()).isEqualTo(s.state()));
  }

  // The outbox.

  @Test
  void storesAnEffectOncePerDedupeKey() {
    Story story = streaming();
    Effect first = new Effect("e-" + story.sid() + "-1", Effect.Kind.CALL_WEBHOOK, "k", json("1"));
    Effect again = new Effect("e-" + story.sid() + "-2", Effect.Kind.CALL_WEBHOOK, "k", json("2"));
    Effect other = new Effect("e-" + story.sid() + "-3", Effect.Kind.CALL_WEBHOOK, "l", json("3"));
    apply(story, story.next(List.of(first, other), false, story.send("one")));
    apply(story, story.next(List.of(again), false, story.send("two")));
    assertThat(tables(story.sid()).effects()).containsExactlyInAnyOrder(first.id(), other.id());
    assertLoads(story);
  }

  @Test
  void pagesFramesWithinBothBounds() {
    Story story = streaming();
    apply(story, story.next(story.say("é".repeat(400), "x".repeat(100), "y", "z")));
    long sid = story.sid();
    List<EncodedFrame> all = outcome(outbox().frames(sid, 0, 100, 1 << 20));
    assertThat(all).extracting(EncodedFrame::seq).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
    assertThat(all).allSatisfy(frame -> assertThat(frame.firstSeq()).isEqualTo(frame.seq()));
    assertThat(all).isEqualTo(heard.get(sid));
    assertThat(outcome(outbox().frames(sid, 5, 100, 1 << 20))).isEqualTo(all.subList(5, 7));
    assertThat(outcome(outbox().frames(sid, 1, 2, 1 << 20))).isEqualTo(all.subList(1, 3));
    assertThat(outcome(outbox().frames(sid, 7, 100, 1 << 20))).isEmpty();
    int two = bytes(all.get(3)) + bytes(all.get(4));
    assertThat(outcome(outbox().frames(sid, 3, 100, two))).isEqualTo(all.subList(3, 5));
    assertThat(outcome(outbox().frames(sid, 3, 100, two - 1))).isEqualTo(all.subList(3, 4));
    assertThat(outcome(outbox().frames(sid, 3, 100, 1))).isEqualTo(all.subList(3, 4));
  }

  @Test
  void tellsTheFrameHeadsOfThoseThatExist() {
    Story one = streaming();
    Story two = begin();
    apply(two, two.next(two.create(null)));
    assertThat(outcome(outbox().heads(List.of(one.sid(), two.sid(), Long.MAX_VALUE))))
        .isEqualTo(Map.of(one.sid(), 3L, two.sid(), 0L));
  }

  @Test
  void raisesDeliveredAndNeverLowersIt() {
    Story one = streaming();
    Story two = streaming();
    outcome(outbox().delivered(Map.of(one.sid(), 2L, two.sid(), 1L)).replaceWith(0));
    outcome(outbox().delivered(Map.of(one.sid(), 1L, two.sid(), 3L)).replaceWith(0));
    assertThat(tables(one.sid()).delivered()).isEqualTo(2);
    assertThat(tables(two.sid()).delivered()).isEqualTo(3);
  }

  // Cold reads.

  @Test
  void findsWhatASendWasAnswered() {
    Story story = begin();
    Command.Send started = (Command.Send) story.send("one", WhenBusy.QUEUE, "client-1");
    apply(story, story.next(story.create(null), started));
    Command.Send queued = (Command.Send) story.send("two", WhenBusy.QUEUE, "client-2");
    apply(story, story.next(queued));
    var first =
        outcome(store().receipt(story.sid(), new ClientMessageId("client-1"))).orElseThrow();
    assertThat(first.messageId()).isEqualTo(started.message().id());
    assertThat(first.turnId()).isEqualTo(started.newTurn().turnId());
    assertThat(first.at()).isEqualTo(started.at());
    var second =
        outcome(store().receipt(story.sid(), new ClientMessageId("client-2"))).orElseThrow();
    assertThat(second.messageId()).isEqualTo(queued.message().id());
    assertThat(second.turnId()).isNull();
    assertThat(outcome(store().receipt(story.sid(), new ClientMessageId("client-3")))).isEmpty();
  }

  @Test
  void tellsHistoryOldestFirstWithoutWhatWasDiscarded() {
    Story story = streaming();
    apply(story, story.next(story.say("kept "), story.send("second")));
    apply(story, story.next(story.done()));
    apply(story, story.next(story.say("discarded ")));
    apply(story, story.next(story.interrupt(true)));
    List<ChatMessage> history = outcome(store().history(story.sid(), 10, 1 << 20));
    assertThat(history.stream().map(EventStoreContract::text))
        .containsExactly("hello", "kept ", "second");
    assertThat(
            outcome(store().history(story.sid(), 2, 1 << 20)).stream()
                .map(EventStoreContract::text))
        .containsExactly("kept ", "second");
  }

  @Test
  void tellsOfHistoryOnlyWhatFitsAndTheNewestMessageAlways() {
    Story story = streaming();
    apply(story, story.next(story.say("x".repeat(1000)), story.send("second")));
    apply(story, story.next(story.done()));
    apply(story, story.next(story.say("y".repeat(1000))));
    apply(story, story.next(story.done()));
    assertThat(texts(story, 1 << 20)).hasSize(4);
    assertThat(texts(story, 2000)).containsExactly("second", "y".repeat(1000));
    assertThat(texts(story, 10)).containsExactly("y".repeat(1000));
  }

  private List<String> texts(Story story, int bytesMax) {
    return outcome(store().history(story.sid(), 10, bytesMax)).stream()
        .map(EventStoreContract::text)
        .toList();
  }

  @Test
  void listsUnfinishedSessionsByNumber() {
    Story running = streaming();
    Story finished = streaming();
    apply(finished, finished.next(finished.done()));
    Story waiting = streaming();
    apply(waiting, waiting.next(waiting.send("second"), waiting.send("third")));
    Story reserved = begin();
    long before = running.sid() - 1;
    var all = outcome(store().unfinished(before, 100));
    assertThat(all)
        .containsExactly(
            new EventStore.Unfinished(running.sid(), running.key()),
            new EventStore.Unfinished(waiting.sid(), waiting.key()));
    assertThat(reserved.sid()).isGreaterThan(waiting.sid());
    assertThat(outcome(store().unfinished(before, 1))).isEqualTo(all.subList(0, 1));
    assertThat(outcome(store().unfinished(running.sid(), 100))).isEqualTo(all.subList(1, 2));
  }

  @Test
  void listsASessionAsItsStateIs() {
    Story story = begin();
    apply(story, story.next(story.create("Title")));
    assertThat(outcome(coldReads().info(story.key()))).contains(info(story));
    apply(story, story.next(story.send("hello")));
    assertThat(outcome(coldReads().info(story.key()))).contains(info(story));
    apply(story, story.next(story.done()));
    assertThat(outcome(coldReads().info(story.key()))).contains(info(story));
  }

  // Read tables.

  @Test
  void readTablesAreAFunctionOfTheEvents() {
    for (long seed : LongStream.range(0, 20).toArray()) {
      Story story = begin();
      RandomStory random = new RandomStory(story, seed);
      for (Append append : random.appends(25)) {
        apply(story, append);
      }
      Tables stored = tables(story.sid());
      assertThat(ReadTables.replay(stored.events()))
          .as("seed %d", seed)
          .isEqualTo(new Projection(stored.turns(), stored.messages(), stored.sends(), null));
      assertLoads(story);
    }
  }

  // How the tests speak.

  final Story begin() {
    SessionKey key = key();
    long sid = outcome(store().reserve(key));
    return new Story(key, sid, outcome(store().claim(sid, "node-1")).orElseThrow());
  }

  /// A session with a turn that has just begun: three frames.
  final Story streaming() {
    Story story = begin();
    apply(story, story.next(story.create(null), story.send("hello")));
    return story;
  }

  final void apply(Story story, Append append) {
    assertThat(outcome(journal.append(append)))
        .as("append of session %d", story.sid())
        .isEqualTo(new AppendResult.Applied());
  }

  final Journal journal() {
    return journal;
  }

  private StoredSession recovered(Story story) {
    story.ownedUnder(outcome(store().reclaim(story.sid(), "node-1", story.epoch())).orElseThrow());
    return outcome(store().load(story.sid()));
  }

  private void assertLoads(Story story) {
    StoredSession loaded = outcome(store().load(story.sid()));
    assertThat(loaded.state()).isEqualTo(story.state());
    assertThat(loaded.epoch()).isEqualTo(story.epoch());
  }

  private void assertMisses(Story story, Append append) {
    Tables before = tables(story.sid());
    List<EncodedFrame> heardBefore = List.copyOf(heard.get(story.sid()));
    var lastCommit = outcome(store().load(story.sid())).lastCommit();
    assertThat(outcome(journal.append(append))).isEqualTo(new AppendResult.Missed());
    assertThat(tables(story.sid())).isEqualTo(before);
    assertThat(heard.get(story.sid())).isEqualTo(heardBefore);
    assertThat(outcome(store().load(story.sid())).lastCommit()).isEqualTo(lastCommit);
  }

  /// Has the appends gather behind a first one, so that they travel as one batch.
  private List<AppendResult> appendTogether(List<Append> appends) {
    Story opener = begin();
    List<Append> all = new ArrayList<>();
    all.add(opener.next(opener.create(null)));
    all.addAll(appends);
    List<AppendResult> results = outcome(Uni.join().all(onLoop(all)).andCollectFailures());
    return results.subList(1, results.size());
  }

  /// The appends as they are made by one task of the loop.
  private List<Uni<AppendResult>> onLoop(List<Append> appends) {
    List<Uni<AppendResult>> results =
        appends.stream().map(append -> journal.append(append).memoize().indefinitely()).toList();
    loop().execute(() -> results.forEach(result -> result.subscribe().with(_ -> {})));
    return results;
  }

  private static SessionInfo info(Story story) {
    return SessionInfo.of((SessionState.Present) story.state());
  }

  static String text(ChatMessage message) {
    return switch (message) {
      case ChatMessage.OfUser user -> user.message().content();
      case ChatMessage.OfAgent agent -> ((MessagePart.Text) agent.parts().getFirst()).text();
    };
  }

  private static int bytes(EncodedFrame frame) {
    return TextColumns.bytes(frame.json());
  }

  private static JsonText json(String text) {
    return new JsonText(text);
  }

  private static SessionKey key() {
    return new SessionKey("user", "demo", "thread-" + KEYS.incrementAndGet());
  }
}
