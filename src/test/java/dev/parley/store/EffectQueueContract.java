package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.JsonText;
import dev.parley.loop.EventLoop;
import dev.parley.session.Effect;
import dev.parley.session.SessionKey;
import dev.parley.store.EffectInspector.Rerun;
import dev.parley.store.EffectInspector.StoredEffect;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every store promises to those who execute discrete effects, and to operators (requirements
/// O1, O6, O7, O9). Each test begins without any effect.
@SuppressWarnings("NullAway.Init")
abstract class EffectQueueContract {
  static final Duration LEASE = Duration.ofSeconds(30);
  private static final AtomicInteger KEYS = new AtomicInteger();

  private CommitLane lane;
  private Journal journal;

  abstract EffectQueue queue();

  abstract EffectInspector inspector();

  abstract EventStore store();

  abstract CommitLane lane();

  abstract EventLoop loop();

  /// The outcome of the `Uni`, having waited for it.
  abstract <T> T outcome(Uni<T> uni);

  /// Lets time pass for all effects.
  abstract void pass(Duration time);

  @BeforeEach
  void openJournal() {
    lane = lane();
    journal = journal((_, _) -> {});
  }

  private Journal journal(CommitListener listener) {
    return new Journal(loop(), lane, listener, new Journal.Settings(256, 1 << 20, 2));
  }

  // What is due, and for whom.

  @Test
  void findsTheSessionsThatHaveSomethingToClaim() {
    Story one = session("a1", "a2");
    Story two = session("b1");
    Story _ = session();
    assertThat(due()).containsExactly(one.sid(), two.sid());
    ClaimedEffect claimed = claim(one);
    assertThat(due()).containsExactly(two.sid());
    assertThat(outcome(queue().complete(claimed.id(), claimed.attempts()))).isTrue();
    assertThat(due()).containsExactly(one.sid(), two.sid());
    pause(claim(one), Duration.ofSeconds(5));
    assertThat(due()).containsExactly(two.sid());
    pass(Duration.ofSeconds(6));
    assertThat(due()).containsExactly(one.sid(), two.sid());
  }

  @Test
  void goesRoundInPagesOfSessionsHoweverManyEffectsThoseHave() {
    List<Story> stories =
        IntStream.range(0, 5).mapToObj(i -> session("p" + i, "q" + i, "r" + i)).toList();
    pause(claim(stories.get(1)), Duration.ofHours(1));
    EffectQueue.Due first = outcome(queue().due(0, 2));
    assertThat(first.sids()).containsExactly(stories.get(0).sid());
    assertThat(first.nextAfterSid()).isEqualTo(stories.get(1).sid());
    EffectQueue.Due second = outcome(queue().due(first.nextAfterSid(), 2));
    assertThat(second.sids()).containsExactly(stories.get(2).sid(), stories.get(3).sid());
    EffectQueue.Due last = outcome(queue().due(second.nextAfterSid(), 2));
    assertThat(last.sids()).containsExactly(stories.get(4).sid());
    assertThat(last.nextAfterSid()).isZero();
  }

  @Test
  void findsNothingWhereThereIsNothing() {
    assertThat(outcome(queue().due(0, 10))).isEqualTo(new EffectQueue.Due(List.of(), 0));
    assertThat(claimAll(List.of(session()))).isEmpty();
  }

  // Order.

  @Test
  void claimsTheEffectsOfASessionInTheOrderOfTheirCommits() {
    Story story = session();
    commit(story, "z", "y");
    commit(story, "x");
    commit(story, "a");
    for (String id : List.of("z", "y", "x", "a")) {
      ClaimedEffect claimed = claim(story);
      assertThat(claimed.id()).isEqualTo(id(id));
      assertThat(claimAll(List.of(story))).isEmpty();
      assertThat(outcome(queue().complete(claimed.id(), claimed.attempts()))).isTrue();
    }
    assertThat(claimAll(List.of(story))).isEmpty();
  }

  @Test
  void holdsBackWhatIsBehindAnEffectThatWaitsForItsNextAttempt() {
    Story story = session("a", "b");
    pause(claim(story), Duration.ofSeconds(10));
    assertThat(claimAll(List.of(story))).isEmpty();
    pass(Duration.ofSeconds(9));
    assertThat(claimAll(List.of(story))).isEmpty();
    pass(Duration.ofSeconds(2));
    assertThat(claim(story).id()).isEqualTo(id("a"));
  }

  @Test
  void goesOnBehindAnEffectThatWasGivenUp() {
    Story story = session("a", "b");
    fail(claim(story));
    assertThat(claim(story).id()).isEqualTo(id("b"));
  }

  @Test
  void claimsOneEffectOfEachSession() {
    List<Story> stories = IntStream.range(0, 3).mapToObj(i -> session("c" + i, "d" + i)).toList();
    assertThat(claimAll(stories))
        .extracting(ClaimedEffect::id)
        .containsExactlyInAnyOrder(id("c0"), id("c1"), id("c2"));
  }

  @Test
  void tellsWhatItClaims() {
    Story story = session("a");
    ClaimedEffect claimed = claim(story);
    assertThat(claimed)
        .isEqualTo(
            new ClaimedEffect(
                id("a"),
                story.sid(),
                story.key(),
                Effect.Kind.CALL_WEBHOOK,
                new JsonText("{\"messageId\":\"a\"}"),
                1,
                0));
    assertThat(claimed.tries()).isEqualTo(1);
  }

  @Test
  void claimsNothingOfADeletedSession() {
    Story story = session("a");
    Story other = session("b");
    apply(story.next(story.delete()));
    assertThat(due()).containsExactly(other.sid());
    assertThat(claimAll(List.of(story, other)))
        .extracting(ClaimedEffect::id)
        .containsExactly(id("b"));
    pass(Duration.ofHours(25));
    assertThat(outcome(queue().expire(10))).isEqualTo(2);
  }

  @Test
  void showsNothingOfADeletedSession() {
    Story story = session("a");
    ClaimedEffect claimed = claim(story);
    assertThat(outcome(queue().fail(claimed.id(), claimed.attempts(), "status 500"))).isTrue();
    apply(story.next(story.delete()));
    assertThat(outcome(inspector().find(id("a")))).isEmpty();
    assertThat(outcome(inspector().list(EffectStatus.FAILED, "", 10))).isEmpty();
    assertThat(outcome(inspector().rerun(id("a")))).isInstanceOf(Rerun.Unknown.class);
  }

  // Leases and fences.

  @Test
  void claimsEachEffectOnceHoweverManyAskAtOnce() {
    List<Story> stories = IntStream.range(0, 20).mapToObj(i -> session("c" + i)).toList();
    List<Uni<List<ClaimedEffect>>> claims =
        IntStream.range(0, 8).mapToObj(_ -> queue().claim(sids(stories), LEASE)).toList();
    List<List<ClaimedEffect>> claimed = outcome(Uni.join().all(claims).andFailFast());
    assertThat(claimed.stream().flatMap(List::stream).map(ClaimedEffect::id))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 20).mapToObj(i -> id("c" + i)).toList());
  }

  @Test
  void claimsAgainWhatWasLeftExecuting() {
    Story story = session("a", "b");
    assertThat(claim(story).attempts()).isEqualTo(1);
    pass(LEASE.minusSeconds(1));
    assertThat(due()).isEmpty();
    assertThat(claimAll(List.of(story))).isEmpty();
    pass(Duration.ofSeconds(2));
    assertThat(due()).containsExactly(story.sid());
    ClaimedEffect again = claim(story);
    assertThat(again.id()).isEqualTo(id("a"));
    assertThat(again.attempts()).isEqualTo(2);
  }

  @Test
  void recordsNothingOfAnAttemptThatIsNotTheCurrentOne() {
    Story story = session("a");
    ClaimedEffect late = claim(story);
    pass(LEASE.plusSeconds(1));
    ClaimedEffect current = claim(story);
    StoredEffect before = find("a");
    assertThat(outcome(queue().complete(late.id(), late.attempts()))).isFalse();
    assertThat(outcome(queue().retry(late.id(), late.attempts(), LEASE, "late"))).isFalse();
    assertThat(outcome(queue().fail(late.id(), late.attempts(), "late"))).isFalse();
    assertThat(find("a")).isEqualTo(before);
    assertThat(outcome(queue().complete(current.id(), current.attempts()))).isTrue();
  }

  @Test
  void recordsWhatCameLateButBeforeAnybodyElse() {
    Story story = session("a");
    ClaimedEffect claimed = claim(story);
    pass(LEASE.plusSeconds(1));
    assertThat(outcome(queue().complete(claimed.id(), claimed.attempts()))).isTrue();
    assertThat(claimAll(List.of(story))).isEmpty();
  }

  @Test
  void neverClaimsACompletedEffectAgain() {
    Story story = session("a");
    ClaimedEffect claimed = claim(story);
    assertThat(outcome(queue().complete(claimed.id(), claimed.attempts()))).isTrue();
    pass(LEASE.multipliedBy(2));
    assertThat(due()).isEmpty();
    assertThat(claimAll(List.of(story))).isEmpty();
    assertThat(outcome(queue().complete(claimed.id(), claimed.attempts()))).isFalse();
    assertThat(outcome(queue().retry(claimed.id(), claimed.attempts(), LEASE, "no"))).isFalse();
    assertThat(find("a").status()).isEqualTo(EffectStatus.COMPLETED);
    assertThat(find("a").finishedAt()).isNotNull();
  }

  // Expiry and retention.

  @Test
  void givesUpWhatHasExpiredAndLetsTheRestGoOn() {
    Story story = session("a");
    Story tried = session("b");
    pause(claim(tried), Duration.ofHours(30));
    pass(Duration.ofHours(25));
    commit(story, "c");
    assertThat(claim(story).id()).isEqualTo(id("c"));
    assertThat(claimAll(List.of(tried))).isEmpty();
    assertThat(outcome(queue().expire(10))).isEqualTo(2);
    assertThat(find("a").status()).isEqualTo(EffectStatus.FAILED);
    assertThat(find("a").lastError()).isEqualTo("expired");
    assertThat(find("b").lastError()).isEqualTo("expired; before that: status 500");
    assertThat(find("c").status()).isEqualTo(EffectStatus.EXECUTING);
    assertThat(outcome(queue().expire(10))).isZero();
  }

  @Test
  void letsAnAttemptUnderWayEndBeforeItExpires() {
    Story story = session("a");
    pass(Duration.ofHours(24).minusSeconds(10));
    ClaimedEffect claimed = claim(story);
    pass(Duration.ofSeconds(20));
    assertThat(outcome(queue().expire(10))).isZero();
    commit(story, "b");
    assertThat(claimAll(List.of(story))).isEmpty();
    pass(Duration.ofSeconds(20));
    assertThat(claim(story).id()).isEqualTo(id("b"));
    assertThat(outcome(queue().expire(10))).isEqualTo(1);
    assertThat(outcome(queue().complete(claimed.id(), claimed.attempts()))).isFalse();
    assertThat(find("a").status()).isEqualTo(EffectStatus.FAILED);
  }

  @Test
  void expiresInBatches() {
    Story _ = session("a", "b", "c");
    pass(Duration.ofHours(25));
    assertThat(outcome(queue().expire(2))).isEqualTo(2);
    assertThat(outcome(queue().expire(2))).isEqualTo(1);
  }

  @Test
  void removesCompletedEffectsWhenTheyAreOldInBatches() {
    Story story = session("a", "b", "c", "failed", "pending");
    for (int i = 0; i < 3; i++) {
      ClaimedEffect claimed = claim(story);
      assertThat(outcome(queue().complete(claimed.id(), claimed.attempts()))).isTrue();
    }
    fail(claim(story));
    Duration age = Duration.ofDays(7);
    pass(age.minusSeconds(10));
    assertThat(outcome(queue().removeCompleted(age, 2))).isZero();
    pass(Duration.ofSeconds(20));
    assertThat(outcome(queue().removeCompleted(age, 2))).isEqualTo(2);
    assertThat(outcome(queue().removeCompleted(age, 2))).isEqualTo(1);
    assertThat(list(null)).containsExactly(id("failed"), id("pending"));
  }

  // Operators.

  @Test
  void listsEffectsByStatusInPages() {
    Story one = session("1", "2", "3");
    Story two = session("4", "5");
    fail(claim(one));
    fail(claim(one));
    fail(claim(two));
    ClaimedEffect claimed = claim(one);
    assertThat(list(null)).containsExactly(id("1"), id("2"), id("3"), id("4"), id("5"));
    assertThat(list(EffectStatus.FAILED)).containsExactly(id("1"), id("2"), id("4"));
    assertThat(ids(outcome(inspector().list(EffectStatus.FAILED, "", 2))))
        .containsExactly(id("1"), id("2"));
    assertThat(ids(outcome(inspector().list(EffectStatus.FAILED, id("2"), 2))))
        .containsExactly(id("4"));
    assertThat(list(EffectStatus.EXECUTING)).containsExactly(id("3"));
    assertThat(list(EffectStatus.PENDING)).containsExactly(id("5"));
    assertThat(list(EffectStatus.COMPLETED)).isEmpty();
    assertThat(outcome(queue().complete(claimed.id(), claimed.attempts()))).isTrue();
    assertThat(list(EffectStatus.COMPLETED)).containsExactly(id("3"));
  }

  @Test
  void showsWhatIsKnownOfAnEffect() {
    Story story = session("a");
    StoredEffect fresh = find("a");
    assertThat(fresh.sid()).isEqualTo(story.sid());
    assertThat(fresh.key()).isEqualTo(story.key());
    assertThat(fresh.kind()).isEqualTo("call_webhook");
    assertThat(fresh.dedupeKey()).isEqualTo("turn-a");
    assertThat(fresh.payload()).isEqualTo(new JsonText("{\"messageId\":\"a\"}"));
    assertThat(fresh.status()).isEqualTo(EffectStatus.PENDING);
    assertThat(fresh.attempts()).isZero();
    assertThat(fresh.lastError()).isNull();
    assertThat(fresh.lastAttemptAt()).isNull();
    assertThat(fresh.nextAttemptAt()).isEqualTo(fresh.createdAt());
    assertThat(fresh.leaseUntil()).isNull();
    assertThat(fresh.finishedAt()).isNull();
    assertThat(Duration.between(fresh.createdAt(), fresh.expiresAt()))
        .isEqualTo(InMemoryEffects.EXPIRE_AFTER);
    fail(claim(story));
    StoredEffect failed = find("a");
    assertThat(failed.status()).isEqualTo(EffectStatus.FAILED);
    assertThat(failed.attempts()).isEqualTo(1);
    assertThat(failed.lastError()).isEqualTo("status 500");
    assertThat(failed.nextAttemptAt()).isNull();
    assertThat(failed.lastAttemptAt()).isNotNull();
    assertThat(outcome(inspector().find("nothing"))).isEmpty();
  }

  @Test
  void runsAFailedEffectAgainWithANewAllowanceAndANewExpiry() {
    Story story = session("a", "b");
    ClaimedEffect late = claim(story);
    fail(late);
    pass(Duration.ofHours(30));
    Rerun.Done done = (Rerun.Done) outcome(inspector().rerun(id("a")));
    assertThat(done.effect().status()).isEqualTo(EffectStatus.PENDING);
    assertThat(done.effect().attempts()).isEqualTo(1);
    assertThat(done.effect().lastError()).isNull();
    assertThat(due()).containsExactly(story.sid());
    ClaimedEffect again = claim(story);
    assertThat(again.id()).isEqualTo(id("a"));
    assertThat(again.attempts()).isEqualTo(2);
    assertThat(again.tries()).isEqualTo(1);
    assertThat(outcome(queue().complete(late.id(), late.attempts()))).isFalse();
    assertThat(outcome(queue().complete(again.id(), again.attempts()))).isTrue();
    assertThat(outcome(queue().expire(10))).isEqualTo(1);
    assertThat(find("a").status()).isEqualTo(EffectStatus.COMPLETED);
    assertThat(find("b").status()).isEqualTo(EffectStatus.FAILED);
  }

  @Test
  void runsNothingAgainThatHasNotFailed() {
    Story story = session("a");
    assertThat(outcome(inspector().rerun(id("a")))).isEqualTo(new Rerun.NotFailed(find("a")));
    ClaimedEffect claimed = claim(story);
    assertThat(outcome(inspector().rerun(id("a")))).isEqualTo(new Rerun.NotFailed(find("a")));
    assertThat(outcome(queue().complete(claimed.id(), claimed.attempts()))).isTrue();
    assertThat(outcome(inspector().rerun(id("a")))).isEqualTo(new Rerun.NotFailed(find("a")));
    assertThat(find("a").status()).isEqualTo(EffectStatus.COMPLETED);
    assertThat(outcome(inspector().rerun("nothing"))).isEqualTo(new Rerun.Unknown());
  }

  // What a commit stores.

  @Test
  void refusesAnAppendWhoseEffectHasTheIdOfAnother() {
    Story story = session("a");
    Story other = session();
    Append append = other.next(List.of(effect("a")), false, other.send("again"));
    assertThat(outcome(journal.append(append))).isEqualTo(new AppendResult.Refused("23505"));
    assertThat(claim(story).id()).isEqualTo(id("a"));
  }

  @Test
  void storesTheSameEffectOnce() {
    Story story = session("a");
    commit(story, "a");
    assertThat(list(null)).containsExactly(id("a"));
  }

  @Test
  void tellsTheListenerOfEffectsOnceTheyAreDurable() {
    List<String> heard = new ArrayList<>();
    journal =
        journal(
            new CommitListener() {
              @Override
              public void committed(long sid, List<EncodedFrame> frames) {}

              @Override
              public void effectsCommitted(long sid) {
                heard.add("effects of " + sid);
              }
            });
    Story story = session();
    assertThat(heard).isEmpty();
    Append append = story.next(List.of(effect("a")), false, story.send("again"));
    Uni<AppendResult> answer = journal.append(append).invoke(_ -> heard.add("answered"));
    assertThat(outcome(answer)).isEqualTo(new AppendResult.Applied());
    assertThat(heard).containsExactly("effects of " + story.sid(), "answered");
  }

  // Helpers.

  /// A new session, in which each of these effects was committed by itself.
  Story session(String... names) {
    SessionKey key = new SessionKey("effects", "demo", "thread-" + KEYS.incrementAndGet());
    long sid = outcome(store().reserve(key));
    Story story = new Story(key, sid, outcome(store().claim(sid, "node-1")).orElseThrow());
    apply(story.next(story.create(null)));
    for (String name : names) {
      commit(story, name);
    }
    return story;
  }

  /// Commits these effects together.
  void commit(Story story, String... names) {
    apply(
        story.next(
            Arrays.stream(names).map(EffectQueueContract::effect).toList(),
            false,
            story.send("hello")));
  }

  private void apply(Append append) {
    assertThat(outcome(journal.append(append))).isEqualTo(new AppendResult.Applied());
  }

  static String id(String name) {
    return "webhook-" + name;
  }

  private static Effect effect(String name) {
    return new Effect(
        id(name),
        Effect.Kind.CALL_WEBHOOK,
        "turn-" + name,
        new JsonText("{\"messageId\":\"" + name + "\"}"));
  }

  private List<Long> due() {
    return outcome(queue().due(0, 1000)).sids();
  }

  ClaimedEffect claim(Story story) {
    List<ClaimedEffect> claimed = claimAll(List.of(story));
    assertThat(claimed).hasSize(1);
    return claimed.getFirst();
  }

  List<ClaimedEffect> claimAll(Collection<Story> stories) {
    return outcome(queue().claim(sids(stories), LEASE));
  }

  private static List<Long> sids(Collection<Story> stories) {
    return stories.stream().map(Story::sid).toList();
  }

  private void pause(ClaimedEffect claimed, Duration pause) {
    assertThat(outcome(queue().retry(claimed.id(), claimed.attempts(), pause, "status 500")))
        .isTrue();
  }

  void fail(ClaimedEffect claimed) {
    assertThat(outcome(queue().fail(claimed.id(), claimed.attempts(), "status 500"))).isTrue();
  }

  private StoredEffect find(String name) {
    return outcome(inspector().find(id(name))).orElseThrow();
  }

  private List<String> list(@Nullable EffectStatus status) {
    return ids(outcome(inspector().list(status, "", 1000)));
  }

  private static List<String> ids(List<StoredEffect> effects) {
    return effects.stream().map(StoredEffect::id).toList();
  }
}
