package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.JsonText;
import dev.parley.loop.EventLoop;
import dev.parley.session.ChatMessage;
import dev.parley.session.Effect;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.store.Removal.DeletedSessions;
import dev.parley.store.Removal.OldFrames;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every store promises to those who remove what nobody needs any more.
abstract class RemovalContract {
  private static final AtomicInteger KEYS = new AtomicInteger();
  static final int ALL = 1_000_000;

  /// After all that a story tells.
  static final Instant LATER = Instant.parse("2040-01-01T00:00:00Z");

  private Journal journal;

  abstract EventStore store();

  abstract Outbox outbox();

  abstract Removal removal();

  abstract CommitLane lane();

  /// The loop of the lane and its journal.
  abstract EventLoop loop();

  /// The outcome of the `Uni`, having waited for it.
  abstract <T> T outcome(Uni<T> uni);

  abstract Tables tables(long sid);

  /// The turns that are marked as having frames, in their order.
  abstract List<String> kept(long sid);

  /// Whether any table holds a row of the session.
  abstract boolean holdsAnything(long sid);

  @BeforeEach
  void openJournal() {
    journal = new Journal(loop(), lane(), (_, _) -> {}, new Journal.Settings(256, 1 << 20, 2));
    // What others have left.
    var _ = frames(LATER, ALL);
    var _ = sessions(LATER, ALL);
  }

  // Frames of ended turns.

  @Test
  void removesTheFramesOfEndedTurnsThatAreOldAndKeepsHistory() {
    Story story = talk("one", "two", "three");
    List<Projection.TurnRow> turns = tables(story.sid()).turns();
    List<ChatMessage> history = outcome(store().history(story.sid(), 100, 1 << 20));
    long upTo = lastFrame(turns.get(1));
    Instant now = completedAt(turns.get(2));
    assertThat(frames(now, ALL)).isEqualTo(new OldFrames(2, (int) upTo));
    assertThat(framesAfter(story, 0)).first().isEqualTo(upTo + 1);
    assertThat(framesAfter(story, upTo)).hasSize((int) (story.state().frameSeq() - upTo));
    assertThat(kept(story.sid())).containsExactly(turns.get(2).turnId().value());
    assertThat(outcome(store().history(story.sid(), 100, 1 << 20))).isEqualTo(history);
    assertThat(outcome(store().load(story.sid())).state()).isEqualTo(story.state());
    assertThat(frames(now, ALL).isNothing()).isTrue();
  }

  @Test
  void keepsAllFramesOfARunningTurnHoweverOldItIs() {
    Story story = talk("one");
    apply(story, story.next(story.send("two")));
    apply(story, story.next(story.say("still ", "speaking ")));
    long before = lastFrame(tables(story.sid()).turns().getFirst());
    assertThat(frames(LATER, ALL)).isEqualTo(new OldFrames(1, (int) before));
    assertThat(framesAfter(story, before)).hasSize((int) (story.state().frameSeq() - before));
    assertThat(outcome(store().load(story.sid())).state()).isEqualTo(story.state());
    apply(story, story.next(story.say("on "), story.done()));
    assertThat(frames(LATER, ALL).turns()).isEqualTo(1);
    assertThat(tables(story.sid()).frames()).isEmpty();
  }

  @Test
  void takesWhatStoodBetweenTheTurnsWithThem() {
    Story story = talk("one");
    apply(story, story.next(story.rename("between")));
    apply(story, story.next(story.send("two"), story.send("three")));
    apply(story, story.next(story.done()));
    apply(story, story.next(story.done()));
    apply(story, story.next(story.rename("after")));
    List<Projection.TurnRow> turns = tables(story.sid()).turns();
    long upTo = lastFrame(turns.getLast());
    assertThat(frames(LATER, ALL)).isEqualTo(new OldFrames(3, (int) upTo));
    // A name given after the last turn stays until another turn has become old.
    assertThat(framesAfter(story, 0)).containsExactly(story.state().frameSeq());
    assertThat(story.state().frameSeq()).isEqualTo(upTo + 1);
  }

  @Test
  void removesNoMoreFramesThanTheStatementMayAndNeverLeavesAGap() {
    List<Story> stories = IntStream.range(0, 4).mapToObj(_ -> talk("one", "two")).toList();
    int all = stories.stream().mapToInt(s -> tables(s.sid()).frames().size()).sum();
    int removed = 0;
    int turns = 0;
    for (OldFrames step = frames(LATER, 5); !step.isNothing(); step = frames(LATER, 5)) {
      assertThat(step.frames()).isLessThanOrEqualTo(5);
      removed += step.frames();
      turns += step.turns();
      stories.forEach(this::assertKeptIsAnEnd);
    }
    assertThat(removed).isEqualTo(all);
    assertThat(turns).isEqualTo(8);
    stories.forEach(s -> assertThat(kept(s.sid())).isEmpty());
  }

  @Test
  void looksAtNoMoreTurnsThanItMay() {
    Story story = talk("one", "two", "three");
    assertThat(outcome(removal().frames(LATER, 2, ALL)).turns()).isEqualTo(2);
    assertThat(kept(story.sid()))
        .containsExactly(tables(story.sid()).turns().getLast().turnId().value());
    assertThat(outcome(removal().frames(LATER, 2, ALL)).turns()).isEqualTo(1);
  }

  @Test
  void lettingFramesGoDisturbsNoAppend() {
    for (long seed = 0; seed < 20; seed++) {
      Story story = begin();
      Random random = new Random(seed);
      List<Append> appends = new RandomStory(story, seed).appends(25);
      for (Append append : appends) {
        apply(story, append);
        if (random.nextInt(3) == 0) {
          var _ = frames(LATER, random.nextInt(1, 8));
          assertKeptIsAnEnd(story);
        }
        assertThat(outcome(store().load(story.sid())).state())
            .as("seed %d", seed)
            .isEqualTo(append.after());
      }
      Tables stored = tables(story.sid());
      assertThat(ReadTables.replay(stored.events()))
          .as("seed %d", seed)
          .isEqualTo(new Projection(stored.turns(), stored.messages(), stored.sends(), null));
    }
  }

  // Deleted sessions.

  @Test
  void removesEveryRowOfADeletedSession() {
    Story story = talk("one", "two");
    Story other = talk("other");
    Tables others = tables(other.sid());
    apply(story, story.next(List.of(webhook(story)), true, story.touch()));
    outcome(outbox().delivered(Map.of(story.sid(), 3L)).replaceWith(0));
    apply(story, story.next(story.delete()));
    DeletedSessions removed = sessions(LATER, ALL);
    assertThat(removed.sessions()).isEqualTo(1);
    assertThat(removed.rows()).isGreaterThan(20);
    assertThat(holdsAnything(story.sid())).isFalse();
    assertThat(tables(other.sid())).isEqualTo(others);
    assertThat(sessions(LATER, ALL).isNothing()).isTrue();
  }

  @Test
  void leavesASessionThatWasDeletedJustNow() {
    Story story = talk("one");
    Append deletion = story.next(story.delete());
    apply(story, deletion);
    Instant at = ((SessionState.Deleted) deletion.after()).at();
    assertThat(sessions(at, ALL).isNothing()).isTrue();
    assertThat(outcome(store().load(story.sid())).state()).isEqualTo(deletion.after());
    assertThat(sessions(at.plusMillis(1), ALL).sessions()).isEqualTo(1);
  }

  @Test
  void isUnreadableFromTheFirstStatementOnAndRemovedWholeByTheLast() {
    Story story = talk("one", "two", "three");
    apply(story, story.next(story.delete()));
    DeletedSessions first = sessions(LATER, 4);
    assertThat(first.sessions()).isZero();
    assertThat(outcome(store().claim(story.sid(), "node-2"))).isEmpty();
    assertThat(outcome(store().reclaim(story.sid(), "node-1", story.epoch()))).isEmpty();
    assertThat(outcome(store().load(story.sid())).isGone()).isTrue();
    assertThat(outcome(outbox().heads(List.of(story.sid())))).isEmpty();
    assertThat(outcome(journal.append(story.next()))).isEqualTo(new AppendResult.Missed());
    int statements = 1;
    DeletedSessions step = first;
    while (step.sessions() == 0) {
      assertThat(holdsAnything(story.sid())).isTrue();
      assertThat(step.isNothing()).isFalse();
      step = sessions(LATER, 4);
      statements++;
    }
    assertThat(statements).isGreaterThan(3);
    assertThat(holdsAnything(story.sid())).isFalse();
    assertThat(sessions(LATER, 4).isNothing()).isTrue();
  }

  @Test
  void removesManySmallSessionsAtOnceUpToTheLimit() {
    List<Story> stories = IntStream.range(0, 5).mapToObj(_ -> talk("one")).toList();
    stories.forEach(s -> apply(s, s.next(s.delete())));
    assertThat(outcome(removal().sessions(LATER, 3, ALL)).sessions()).isEqualTo(3);
    assertThat(outcome(removal().sessions(LATER, 3, ALL)).sessions()).isEqualTo(2);
    assertThat(stories).noneMatch(s -> holdsAnything(s.sid()));
  }

  @Test
  void writesNothingOfASessionThatIsGone() {
    Story story = talk("one");
    apply(story, story.next(story.delete()));
    var _ = sessions(LATER, ALL);
    outcome(outbox().delivered(Map.of(story.sid(), 3L)).replaceWith(0));
    assertThat(holdsAnything(story.sid())).isFalse();
    assertThat(outcome(outbox().frames(story.sid(), 0, 10, 1 << 20))).isEmpty();
    assertThat(outcome(store().history(story.sid(), 10, 1 << 20))).isEmpty();
  }

  @Test
  void leavesTheSessionAloneThatHasTheKeyNow() {
    Story old = talk("one");
    apply(old, old.next(old.delete()));
    Story now = begin(old.key());
    assertThat(now.sid()).isNotEqualTo(old.sid());
    apply(now, now.next(now.create("New"), now.send("hello")));
    Tables before = tables(now.sid());
    assertThat(sessions(LATER, ALL).sessions()).isEqualTo(1);
    assertThat(tables(now.sid())).isEqualTo(before);
    assertThat(outcome(store().find(old.key()))).hasValue(now.sid());
    assertThat(outcome(store().load(now.sid())).state()).isEqualTo(now.state());
  }

  @Test
  void leavesANumberAloneThatIsOnlyReserved() {
    SessionKey key = key();
    long sid = outcome(store().reserve(key));
    assertThat(sessions(LATER, ALL).isNothing()).isTrue();
    assertThat(outcome(store().reserve(key))).isEqualTo(sid);
  }

  // How the tests speak.

  final OldFrames frames(Instant endedBefore, int framesMax) {
    return outcome(removal().frames(endedBefore, ALL, framesMax));
  }

  final DeletedSessions sessions(Instant deletedBefore, int rowsMax) {
    return outcome(removal().sessions(deletedBefore, ALL, rowsMax));
  }

  final Story begin() {
    return begin(key());
  }

  private Story begin(SessionKey key) {
    long sid = outcome(store().reserve(key));
    return new Story(key, sid, outcome(store().claim(sid, "node-1")).orElseThrow());
  }

  /// A session in which each of these was said and answered.
  final Story talk(String... messages) {
    Story story = begin();
    apply(story, story.next(story.create(null)));
    for (String message : messages) {
      apply(story, story.next(story.send(message)));
      apply(story, story.next(story.say("re: ", message)));
      apply(story, story.nextWithSnapshot(story.done()));
    }
    return story;
  }

  final void apply(Story story, Append append) {
    assertThat(outcome(journal.append(append)))
        .as("append of session %d", story.sid())
        .isEqualTo(new AppendResult.Applied());
  }

  private List<Long> framesAfter(Story story, long seq) {
    return outcome(outbox().frames(story.sid(), seq, 1000, 1 << 20)).stream()
        .map(EncodedFrame::seq)
        .toList();
  }

  /// What is kept reaches to the head without a gap, and begins no later than a turn that is marked
  /// as kept ends.
  private void assertKeptIsAnEnd(Story story) {
    Tables tables = tables(story.sid());
    List<Long> seqs = new ArrayList<>(framesAfter(story, 0));
    assertThat(seqs).hasSameSizeAs(tables.frames());
    long head = outcome(store().loadHead(story.sid())).state().frameSeq();
    long first = seqs.isEmpty() ? head + 1 : seqs.getFirst();
    assertThat(seqs).hasSize((int) (head - first + 1));
    List<String> kept = kept(story.sid());
    tables
        .turns()
        .forEach(turn ->
            assertThat(kept.contains(turn.turnId().value()))
                .isEqualTo(turn.lastFrame() == null || turn.lastFrame() >= first));
  }

  private static long lastFrame(Projection.TurnRow turn) {
    return Objects.requireNonNull(turn.lastFrame());
  }

  static Instant completedAt(Projection.TurnRow turn) {
    return Objects.requireNonNull(turn.completedAt());
  }

  private static Effect webhook(Story story) {
    return new Effect(
        "e-" + story.sid(), Effect.Kind.CALL_WEBHOOK, "done", new JsonText("{\"a\":1}"));
  }

  private static SessionKey key() {
    return new SessionKey("removed", "demo", "thread-" + KEYS.incrementAndGet());
  }
}
