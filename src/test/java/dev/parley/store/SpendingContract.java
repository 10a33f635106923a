package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.FinishReason;
import dev.parley.content.MessageId;
import dev.parley.content.Usage;
import dev.parley.loop.EventLoop;
import dev.parley.session.Command;
import dev.parley.session.Command.NewTurn;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Streaming;
import dev.parley.session.TurnId;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every store promises to whoever asks what users have spent, the journal above it included.
abstract class SpendingContract {
  private static final AtomicInteger NAMES = new AtomicInteger();

  /// A time in the middle of the day that the tests are about.
  static final Instant NOON = Instant.parse("2031-05-10T12:00:00Z");

  private static final Instant MIDNIGHT = Instant.parse("2031-05-11T00:00:00Z");
  static final int ALL = 1_000_000;

  /// After all that a story tells.
  private static final Instant LATER = Instant.parse("2040-01-01T00:00:00Z");

  private final List<Integer> batches = new ArrayList<>();
  private Journal journal;

  /// What becomes of the next batch on its way to the store; the one after it finds it as always.
  private Function<List<PreparedAppend>, Uni<Set<Long>>> nextBatch;

  abstract EventStore store();

  abstract Spending spending();

  abstract Removal removal();

  abstract CommitLane lane();

  /// The loop of the lane and its journal.
  abstract EventLoop loop();

  /// The outcome of the `Uni`, having waited for it.
  abstract <T> T outcome(Uni<T> uni);

  @BeforeEach
  void openJournal() {
    EventLoop loop = loop();
    CommitLane lane = lane();
    nextBatch = lane::commit;
    journal =
        new Journal(
            loop,
            batch -> {
              batches.add(batch.size());
              Function<List<PreparedAppend>, Uni<Set<Long>>> way = nextBatch;
              nextBatch = lane::commit;
              return way.apply(batch);
            },
            (_, _) -> {},
            new Journal.Settings(256, 1 << 20, 2));
  }

  // Sums.

  @Test
  void isNothingForWhoHasSpentNothing() {
    assertThat(spent(user(), NOON)).isZero();
  }

  @Test
  void countsTokensOfEveryKind() {
    String user = user();
    Story story = streaming(user);
    apply(story.next(done(story, new Usage(1, 20, 300, 4000), NOON)));
    assertThat(spent(user, NOON)).isEqualTo(4321);
  }

  @Test
  void sumsWhatSessionsOfAUserSpendInOneBatchAndWhatTheySpendLater() {
    String user = user();
    String other = user();
    List<Story> stories =
        IntStream.range(0, 12).mapToObj(i -> streaming(i % 3 == 0 ? other : user)).toList();
    applyTogether(stories.stream().map(s -> s.next(done(s, Usage.of(10, 1), NOON))).toList());
    assertThat(batches).contains(12);
    assertThat(spent(user, NOON)).isEqualTo(88);
    assertThat(spent(other, NOON)).isEqualTo(44);
    for (Story story : stories.subList(0, 2)) {
      apply(story.next(story.send("again")));
      apply(story.next(done(story, Usage.of(100, 0), NOON.plusSeconds(1))));
    }
    assertThat(spent(user, NOON)).isEqualTo(188);
    assertThat(spent(other, NOON)).isEqualTo(144);
  }

  @Test
  void sumsTurnsThatEndInOneAppend() {
    String user = user();
    Story story = begin(user);
    TurnId first = new TurnId("first");
    apply(
        story.next(
            story.create(null),
            new Command.Send(
                ((Command.Send) story.send("one")).message(),
                Command.WhenBusy.QUEUE,
                null,
                new NewTurn(first, new MessageId("answer"))),
            story.send("two"),
            done(first, Usage.of(1, 2), NOON)));
    assertThat(spent(user, NOON)).isEqualTo(3);
    Append second = story.next(done(story, Usage.of(3, 4), NOON), story.rename("done"));
    apply(second);
    assertThat(spent(user, NOON)).isEqualTo(10);
  }

  @Test
  void countsNothingForATurnThatTellsOfNoTokens() {
    String user = user();
    Story story = streaming(user);
    apply(story.next(story.say("word ")));
    apply(story.next(done(story, Usage.NONE, NOON)));
    apply(story.next(story.send("more")));
    apply(story.next(story.fail()));
    assertThat(spent(user, NOON)).isZero();
  }

  @Test
  void countsWhatARunningTurnHasCostSoFarAndItsEndAddsTheRest() {
    String user = user();
    Story story = streaming(user);
    apply(story.next(spent(story, Usage.of(100, 0), NOON)));
    assertThat(spent(user, NOON)).isEqualTo(100);
    apply(
        story.next(
            spent(story, Usage.of(100, 20), NOON),
            spent(story, Usage.of(100, 30), NOON),
            story.send("waits")));
    assertThat(spent(user, NOON)).isEqualTo(130);
    apply(
        story.next(
            done(story, new Usage(90, 40, 5, 0), NOON),
            spent(new TurnId("another"), Usage.of(1000, 0), NOON)));
    assertThat(spent(user, NOON)).isEqualTo(135);
    apply(story.next(spent(story, Usage.of(7, 0), NOON), done(story, Usage.NONE, NOON)));
    assertThat(spent(user, NOON)).isEqualTo(142);
  }

  @Test
  void takesBackWhatATurnHasNotCost() {
    String user = user();
    Story story = streaming(user);
    apply(story.next(spent(story, Usage.of(100, 0), NOON)));
    apply(story.next(spent(story, Usage.NONE, NOON)));
    assertThat(spent(user, NOON)).isZero();
    apply(story.next(done(story, Usage.of(40, 0), NOON)));
    assertThat(spent(user, NOON)).isEqualTo(40);
  }

  @Test
  void countsATurnOnTheDaysOnWhichItWasToldAndNoDayAsLessThanNothing() {
    String user = user();
    Story story = streaming(user);
    apply(story.next(spent(story, Usage.of(100, 0), MIDNIGHT.minusMillis(1))));
    apply(story.next(spent(story, Usage.of(20, 0), MIDNIGHT)));
    assertThat(spent(user, NOON)).isEqualTo(100);
    assertThat(spent(user, MIDNIGHT)).isZero();
    apply(story.next(done(story, Usage.of(150, 0), MIDNIGHT)));
    assertThat(spent(user, NOON)).isEqualTo(100);
    assertThat(spent(user, MIDNIGHT)).isEqualTo(50);
  }

  @Test
  void endsADayAtMidnightUtc() {
    String user = user();
    List<Story> stories = IntStream.range(0, 3).mapToObj(_ -> streaming(user)).toList();
    Instant last = MIDNIGHT.minusMillis(1);
    applyTogether(
        List.of(
            stories.get(0).next(done(stories.get(0), Usage.of(1, 0), last)),
            stories.get(1).next(done(stories.get(1), Usage.of(20, 0), MIDNIGHT)),
            stories.get(2).next(done(stories.get(2), Usage.of(300, 0), MIDNIGHT))));
    assertThat(spent(user, last)).isEqualTo(1);
    assertThat(spent(user, NOON)).isEqualTo(1);
    assertThat(spent(user, MIDNIGHT)).isEqualTo(320);
    assertThat(spent(user, MIDNIGHT.plus(Duration.ofDays(1)).minusMillis(1))).isEqualTo(320);
    assertThat(spent(user, MIDNIGHT.plus(Duration.ofDays(1)))).isZero();
    assertThat(spent(user, MIDNIGHT.minus(Duration.ofDays(1)).minusMillis(1))).isZero();
  }

  @Test
  void keepsTheUserGoingWhoseModelTellsNonsense() {
    String user = user();
    for (Usage usage :
        List.of(new Usage(Long.MAX_VALUE, 0, 0, 0), new Usage(1, 1, 1, Long.MAX_VALUE - 9))) {
      Story story = streaming(user);
      apply(story.next(spent(story, usage, NOON)));
      apply(story.next(spent(story, Usage.of(1, 0), NOON)));
      apply(story.next(done(story, usage, NOON)));
    }
    assertThat(spent(user, NOON)).isEqualTo(2 * SpentTokens.TURN_TOKENS_MAX);
  }

  // What is not applied.

  @Test
  void addsNothingForSessionsOfABatchThatAreMissed() {
    String user = user();
    List<Story> stories = IntStream.range(0, 4).mapToObj(_ -> streaming(user)).toList();
    var _ = outcome(store().claim(stories.get(1).sid(), "node-2"));
    List<AppendResult> results =
        appendTogether(stories.stream().map(s -> s.next(done(s, Usage.of(10, 0), NOON))).toList());
    assertThat(results.get(1)).isEqualTo(new AppendResult.Missed());
    assertThat(results).filteredOn(new AppendResult.Applied()::equals).hasSize(3);
    assertThat(spent(user, NOON)).isEqualTo(30);
  }

  @Test
  void addsNothingForARefusedAppendAndTheOthersOnceHoweverOftenTheirBatchIsHalved() {
    String user = user();
    List<Story> stories = IntStream.range(0, 9).mapToObj(_ -> streaming(user)).toList();
    List<Append> appends = new ArrayList<>();
    for (Story story : stories) {
      String title = appends.size() == 5 ? "poi\0son" : "Title";
      appends.add(story.next(done(story, Usage.of(10, 0), NOON), story.rename(title)));
    }
    List<AppendResult> results = appendTogether(appends);
    assertThat(results.get(5)).isEqualTo(new AppendResult.Refused("22021"));
    assertThat(results).filteredOn(new AppendResult.Applied()::equals).hasSize(8);
    assertThat(batches).contains(9, 4, 5);
    assertThat(spent(user, NOON)).isEqualTo(80);
  }

  @Test
  void addsOnceWhatWasTriedAgainAfterALostRace() {
    String user = user();
    Story story = streaming(user);
    nextBatch =
        _ ->
            Uni.createFrom()
                .failure(
                    new CommitLane.CommitFailure(CommitLane.CommitFailure.Remedy.RETRY, "40001"));
    apply(story.next(done(story, Usage.of(10, 0), NOON)));
    assertThat(spent(user, NOON)).isEqualTo(10);
  }

  @Test
  void hasAddedWhatLostOnlyItsAnswer() {
    String user = user();
    Story story = streaming(user);
    Append append = story.next(done(story, Usage.of(10, 0), NOON));
    CommitLane lane = lane();
    nextBatch = batch -> lane.commit(batch).flatMap(_ -> lost());
    assertThat(outcome(journal.append(append))).isEqualTo(new AppendResult.Unknown());
    assertThat(recovered(story).lastCommit()).isEqualTo(append.commitId());
    assertThat(spent(user, NOON)).isEqualTo(10);
    // Were it sent once more, nothing would come of it.
    assertThat(outcome(journal.append(append))).isEqualTo(new AppendResult.Missed());
    assertThat(spent(user, NOON)).isEqualTo(10);
  }

  @Test
  void addsOnceWhatDidNotArriveOrArrivesTooLate() {
    String user = user();
    Story story = streaming(user);
    SessionState before = story.state();
    CommitLane lane = lane();
    List<PreparedAppend> late = new ArrayList<>();
    nextBatch =
        batch -> {
          late.addAll(batch);
          return lost();
        };
    assertThat(outcome(journal.append(story.next(done(story, Usage.of(10, 0), NOON)))))
        .isEqualTo(new AppendResult.Unknown());
    assertThat(spent(user, NOON)).isZero();
    assertThat(recovered(story).state()).isEqualTo(before);
    assertThat(outcome(onLoop(() -> lane.commit(late)))).isEmpty();
    assertThat(spent(user, NOON)).isZero();
    story.believe(before);
    apply(story.next(done(story, Usage.of(10, 0), NOON)));
    assertThat(spent(user, NOON)).isEqualTo(10);
  }

  // What leaves.

  @Test
  void givesNothingBackWhenSessionsAreDeleted() {
    String user = user();
    Story story = streaming(user);
    apply(story.next(done(story, Usage.of(10, 0), NOON), story.delete()));
    assertThat(spent(user, NOON)).isEqualTo(10);
    while (!outcome(removal().sessions(LATER, ALL, ALL)).isNothing()) {}
    assertThat(outcome(store().load(story.sid())).isGone()).isTrue();
    assertThat(spent(user, NOON)).isEqualTo(10);
    Story again = begin(story.key());
    apply(again.next(again.create(null), again.send("hello")));
    apply(again.next(done(again, Usage.of(1, 0), NOON)));
    assertThat(spent(user, NOON)).isEqualTo(11);
  }

  @Test
  void removesDaysThatEndedLongAgoAFewAtATimeTheOldestFirst() {
    List<String> users = List.of(user(), user());
    Instant day = NOON;
    for (int i = 0; i < 3; i++) {
      for (String user : users) {
        Story story = streaming(user);
        apply(story.next(done(story, Usage.of(10, 0), day)));
      }
      day = day.plus(Duration.ofDays(1));
    }
    // The third day goes on at its last moment; the second has ended.
    Instant before = MIDNIGHT.plus(Duration.ofDays(2)).minusMillis(1);
    assertThat(outcome(removal().tokens(MIDNIGHT.minusMillis(1), ALL))).isZero();
    assertThat(outcome(removal().tokens(before, 3))).isEqualTo(3);
    assertThat(users).allMatch(user -> spent(user, NOON) == 0);
    assertThat(users.stream().mapToLong(user -> spent(user, MIDNIGHT)).sum()).isEqualTo(10);
    assertThat(outcome(removal().tokens(before, 3))).isEqualTo(1);
    assertThat(outcome(removal().tokens(before, 3))).isZero();
    assertThat(users).allMatch(user -> spent(user, MIDNIGHT) == 0);
    assertThat(users).allMatch(user -> spent(user, before) == 10);
  }

  // How the tests speak.

  final long spent(String user, Instant now) {
    return outcome(spending().spentToday(user, now));
  }

  static String user() {
    return "spender-" + NAMES.incrementAndGet();
  }

  /// A session of the user whose agent is speaking.
  final Story streaming(String user) {
    Story story = begin(user);
    apply(story.next(story.create(null), story.send("hello")));
    return story;
  }

  private Story begin(String user) {
    return begin(new SessionKey(user, "demo", "thread-" + NAMES.incrementAndGet()));
  }

  private Story begin(SessionKey key) {
    long sid = outcome(store().reserve(key));
    return new Story(key, sid, outcome(store().claim(sid, "node-1")).orElseThrow());
  }

  /// The running turn has cost this much so far.
  private static Command spent(Story story, Usage usage, Instant at) {
    return spent(((Streaming) story.state()).turn().turnId(), usage, at);
  }

  private static Command spent(TurnId turn, Usage usage, Instant at) {
    int number = NAMES.incrementAndGet();
    return new Command.AgentOutput(
        turn,
        List.of(),
        usage,
        new NewTurn(new TurnId("turn-" + number), new MessageId("answer-" + number)),
        at);
  }

  /// The running turn has ended and cost this much.
  static Command done(Story story, Usage usage, Instant at) {
    return done(((Streaming) story.state()).turn().turnId(), usage, at);
  }

  private static Command done(TurnId turn, Usage usage, Instant at) {
    int number = NAMES.incrementAndGet();
    return new Command.AgentDone(
        turn,
        FinishReason.STOP,
        usage,
        "demo-1",
        null,
        new NewTurn(new TurnId("turn-" + number), new MessageId("answer-" + number)),
        at);
  }

  final void apply(Append append) {
    assertThat(outcome(journal.append(append))).isEqualTo(new AppendResult.Applied());
  }

  final void applyTogether(List<Append> appends) {
    assertThat(appendTogether(appends)).containsOnly(new AppendResult.Applied());
  }

  /// Has the appends gather behind a first one, so that they travel as one batch.
  private List<AppendResult> appendTogether(List<Append> appends) {
    Story opener = begin(user());
    List<Append> all = new ArrayList<>();
    all.add(opener.next(opener.create(null)));
    all.addAll(appends);
    List<Uni<AppendResult>> results =
        all.stream().map(append -> journal.append(append).memoize().indefinitely()).toList();
    loop().execute(() -> results.forEach(result -> result.subscribe().with(_ -> {})));
    return outcome(Uni.join().all(results).andCollectFailures()).subList(1, all.size());
  }

  private StoredSession recovered(Story story) {
    story.ownedUnder(outcome(store().reclaim(story.sid(), "node-1", story.epoch())).orElseThrow());
    return outcome(store().load(story.sid()));
  }

  private <T> Uni<T> onLoop(Supplier<Uni<T>> work) {
    return Uni.createFrom()
        .emitter(emitter ->
            loop().execute(() -> work.get().subscribe().with(emitter::complete, emitter::fail)));
  }

  private static <T> Uni<T> lost() {
    return Uni.createFrom().failure(new StoreUnavailableException("lost by a test", null));
  }
}
