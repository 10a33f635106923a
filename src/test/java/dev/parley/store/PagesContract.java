package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.FinishReason;
import dev.parley.content.MessageId;
import dev.parley.content.MessagePart;
import dev.parley.content.Usage;
import dev.parley.loop.EventLoop;
import dev.parley.session.ChatMessage;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.TurnId;
import dev.parley.store.page.EndedTurn;
import dev.parley.store.page.HistoryPlace;
import dev.parley.store.page.Page;
import dev.parley.store.page.PageResult;
import dev.parley.store.page.Pages;
import dev.parley.store.page.Turn;
import dev.parley.store.page.TurnPlace;
import dev.parley.store.page.TurnReader;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every store promises to those who read page by page.
///
/// Walks again by `-Dparley.pages.seed`.
abstract class PagesContract {
  private static final AtomicInteger USERS = new AtomicInteger();
  private static final @Nullable Long SEED = Long.getLong("parley.pages.seed");
  private static final int BYTES_MAX = 1 << 20;
  private static final HistoryPlace BEGINNING = new HistoryPlace.Beginning();
  private static final HistoryPlace END = new HistoryPlace.End();

  private Journal journal;
  private String user;

  abstract EventStore store();

  abstract Pages pages();

  abstract TurnReader turnReader();

  abstract CommitLane lane();

  /// The loop of the lane and its journal.
  abstract EventLoop loop();

  /// The outcome of the `Uni`, having waited for it.
  abstract <T> T outcome(Uni<T> uni);

  /// How many walks a property takes.
  abstract int walks();

  @BeforeEach
  void begin() {
    journal = new Journal(loop(), lane(), (_, _) -> {}, new Journal.Settings(256, 1 << 20, 2));
    user = "user-" + USERS.incrementAndGet();
  }

  // History.

  @Test
  void readsHistoryOldestFirstInBothDirections() {
    Story story = talk("one", "two", "three");
    assertPage(messages(story, BEGINNING, 4), true, "one", "re: one", "two", "re: two");
    assertPage(messages(story, END, 4), true, "two", "re: two", "three", "re: three");
    List<MessageId> ids = ids(messages(story, BEGINNING, 6));
    assertPage(messages(story, new HistoryPlace.After(ids.get(1)), 2), true, "two", "re: two");
    assertPage(messages(story, new HistoryPlace.Before(ids.get(4)), 2), true, "two", "re: two");
  }

  @Test
  void saysThatThereIsMoreExactlyWhenThereIs() {
    Story story = talk("one", "two");
    List<MessageId> ids = ids(messages(story, BEGINNING, 4));
    assertThat(messages(story, BEGINNING, 4).hasMore()).isFalse();
    assertThat(messages(story, BEGINNING, 3).hasMore()).isTrue();
    assertThat(messages(story, END, 4).hasMore()).isFalse();
    assertThat(messages(story, END, 3).hasMore()).isTrue();
    assertPage(messages(story, new HistoryPlace.After(ids.get(2)), 1), false, "re: two");
    assertPage(messages(story, new HistoryPlace.After(ids.get(3)), 1), false);
    assertPage(messages(story, new HistoryPlace.Before(ids.get(1)), 1), false, "one");
    assertPage(messages(story, new HistoryPlace.Before(ids.get(0)), 1), false);
  }

  @Test
  void readsNothingOfASessionWithoutMessages() {
    Story story = created("demo");
    assertPage(messages(story, BEGINNING, 5), false);
    assertPage(messages(story, END, 5), false);
  }

  @Test
  void goesOnFromADiscardedMessageAndDoesNotShowIt() {
    Story story = talk("one");
    apply(story, story.next(story.send("two")));
    MessageId discarded = ((SessionState.Streaming) story.state()).turn().answerId();
    apply(story, story.next(story.say("never ")));
    apply(story, story.next(story.interrupt(true)));
    answered(story, "three");
    assertPage(messages(story, BEGINNING, 9), false, "one", "re: one", "two", "three", "re: three");
    assertPage(messages(story, new HistoryPlace.After(discarded), 9), false, "three", "re: three");
    assertPage(messages(story, new HistoryPlace.Before(discarded), 2), true, "re: one", "two");
  }

  @Test
  void endsAPageAtItsBytesWithAtLeastOneMessage() {
    Story story = talk("x".repeat(1000), "y".repeat(1000), "z");
    assertThat(ids(found(pages().messages(story.key(), BEGINNING, 9, 1)))).hasSize(1);
    Page<ChatMessage> first = found(pages().messages(story.key(), BEGINNING, 9, 4000));
    assertThat(first.hasMore()).isTrue();
    assertThat(first.items()).hasSizeBetween(2, 3);
    Page<ChatMessage> last = found(pages().messages(story.key(), END, 9, 4000));
    assertThat(last.hasMore()).isTrue();
    assertThat(text(last.items().getLast())).isEqualTo("re: z");
    Deque<String> walked = new ArrayDeque<>();
    HistoryPlace place = END;
    for (boolean more = true; more; ) {
      Page<ChatMessage> page = found(pages().messages(story.key(), place, 9, 1500));
      page.items().reversed().forEach(message -> walked.addFirst(text(message)));
      place = new HistoryPlace.Before(page.items().getFirst().id());
      more = page.hasMore();
    }
    assertThat(walked)
        .containsExactlyElementsOf(
            messages(story, BEGINNING, 9).items().stream().map(PagesContract::text).toList());
  }

  @Test
  void knowsNoCursorOfAnotherSession() {
    Story story = talk("one");
    MessageId foreign = ids(messages(talk("two", "answers"), END, 1)).getFirst();
    for (MessageId unknown : List.of(foreign, new MessageId("no-such"))) {
      for (HistoryPlace place :
          List.of(new HistoryPlace.After(unknown), new HistoryPlace.Before(unknown))) {
        assertThat(outcome(pages().messages(story.key(), place, 9, BYTES_MAX)))
            .isEqualTo(new PageResult.NoCursor<ChatMessage>());
      }
    }
    assertThat(outcome(pages().turns(story.key(), new TurnId("no-such"), 9)))
        .isEqualTo(new PageResult.NoCursor<Turn>());
  }

  @Test
  void showsNothingOfADeletedSessionNotEvenToItsSuccessor() {
    Story story = talk("one", "two");
    Story other = created("demo");
    List<MessageId> ids = ids(messages(story, BEGINNING, 9));
    TurnId turn = turns(story, null, 1).items().getFirst().id();
    apply(story, story.next(story.delete()));
    assertThat(outcome(pages().messages(story.key(), BEGINNING, 9, BYTES_MAX)))
        .isEqualTo(new PageResult.NoSession<ChatMessage>());
    assertThat(outcome(pages().turns(story.key(), null, 9)))
        .isEqualTo(new PageResult.NoSession<Turn>());
    assertThat(outcome(pages().sessions(List.of(story.key(), other.key()))))
        .containsExactly(info(other));
    assertThat(outcome(pages().sessions(user, null, story.key(), 9))).isEmpty();
    assertThat(sessions(null, null, 9).items()).containsExactly(info(other));
    assertThat(outcome(pages().lastActivity(List.of(user))))
        .isEqualTo(Map.of(user, info(other).lastActivityAt()));

    Story again = begin(story.key());
    assertPage(messages(again, BEGINNING, 9), false);
    assertThat(turns(again, null, 9).items()).isEmpty();
    assertThat(sessions(null, null, 9).items()).containsExactly(info(again), info(other));
    assertThat(
            outcome(
                pages().messages(again.key(), new HistoryPlace.After(ids.getLast()), 9, BYTES_MAX)))
        .isEqualTo(new PageResult.NoCursor<ChatMessage>());
    assertThat(outcome(pages().turns(again.key(), turn, 9)))
        .isEqualTo(new PageResult.NoCursor<Turn>());
  }

  @Test
  void goesOnFromAnAnswerThatWasGivenAgain() {
    Story story = talk("one", "two");
    List<MessageId> ids = ids(messages(story, BEGINNING, 9));
    apply(story, story.next(story.regenerate(0, false, null)));
    apply(story, story.next(story.say("again"), story.done()));
    assertPage(messages(story, BEGINNING, 9), false, "one", "again");
    assertPage(messages(story, new HistoryPlace.After(ids.get(2)), 9), false, "again");
    assertPage(messages(story, new HistoryPlace.Before(ids.get(2)), 9), false, "one");
    assertThat(turns(story, null, 9).items())
        .extracting(Turn::messageId)
        .containsExactly(ids.get(0), ids.get(2), ids.get(0));
  }

  @Test
  void findsTheNewestTurnOfAMessageAndOfAnAnswer() {
    Story story = talk("one");
    List<MessageId> ids = ids(messages(story, BEGINNING, 2));
    TurnPlace first = turnOf(story, ids.get(0)).orElseThrow();
    assertThat(first.answerId()).isEqualTo(ids.get(1));
    assertThat(first.status()).isEqualTo("completed");
    assertThat(first.isRunning()).isFalse();
    assertThat(first.lastFrame()).isGreaterThan(first.firstFrame());
    assertThat(turnOf(story, ids.get(1))).contains(first);
    apply(story, story.next(story.regenerate(0, false, null)));
    TurnPlace second = turnOf(story, ids.get(0)).orElseThrow();
    assertThat(second.isRunning()).isTrue();
    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(turnOf(story, second.answerId())).contains(second);
    assertThat(turnOf(story, ids.get(1))).contains(first);
  }

  @Test
  void findsNoTurnOfAMessageThatHasNone() {
    Story story = talk("one");
    apply(story, story.next(story.send("two")));
    apply(story, story.next(story.send("waits")));
    MessageId waiting =
        ((SessionState.Streaming) story.state()).core().queue().getFirst().message().id();
    assertThat(turnOf(story, waiting)).isEmpty();
    assertThat(turnOf(story, new MessageId("no-such"))).isEmpty();
    assertThat(outcome(pages().turnOf(key("demo"), waiting))).isEmpty();
  }

  @Test
  void tellsWhatIsKeptOfATurnThatIsOver() {
    Story story = talk("one");
    apply(story, story.next(story.send("two")));
    MessageId failing = ((SessionState.Streaming) story.state()).turn().message().id();
    apply(story, story.next(story.fail()));
    MessageId one = ids(messages(story, BEGINNING, 1)).getFirst();
    TurnReader reader = turnReader();
    EndedTurn completed = outcome(reader.ended(outcome(reader.turnOf(story.key(), one)).get()));
    assertThat(completed.answer()).containsExactly(new MessagePart.Text("re: one"));
    assertThat(completed.outcome()).isEqualTo(new TurnOutcome.Completed(FinishReason.STOP));
    assertThat(completed.usage()).isEqualTo(Usage.of(3, 5));
    EndedTurn failed = outcome(reader.ended(outcome(reader.turnOf(story.key(), failing)).get()));
    assertThat(failed.answer()).isEmpty();
    assertThat(failed.outcome())
        .isEqualTo(new TurnOutcome.Failed(Refusal.Code.AGENT_ERROR, "it broke", true));
  }

  private Optional<TurnPlace> turnOf(Story story, MessageId id) {
    return outcome(pages().turnOf(story.key(), id));
  }

  @Test
  void knowsNoSessionThatIsOnlyReserved() {
    SessionKey reserved = key("demo");
    var _ = outcome(store().reserve(reserved));
    for (SessionKey key : List.of(reserved, key("demo"))) {
      assertThat(outcome(pages().messages(key, BEGINNING, 9, BYTES_MAX)))
          .isEqualTo(new PageResult.NoSession<ChatMessage>());
      assertThat(outcome(pages().turns(key, null, 9))).isEqualTo(new PageResult.NoSession<Turn>());
      assertThat(outcome(pages().sessions(user, null, key, 9))).isEmpty();
    }
    assertThat(outcome(pages().sessions(List.of(reserved)))).isEmpty();
    assertThat(outcome(pages().sessions(user, null, null, 9)))
        .contains(new Page<>(List.of(), false));
    assertThat(outcome(pages().lastActivity(List.of(user)))).isEmpty();
  }

  /// Whoever walks through a history while it grows sees every message of it once and in order.
  @Test
  void walksThroughAGrowingHistoryWithoutLossOrDouble() {
    long begin = System.nanoTime();
    for (int i = 0; i < (SEED == null ? walks() : 1); i++) {
      long seed = SEED == null ? begin + i : SEED;
      try {
        walk(seed, true);
        walk(seed, false);
      } catch (AssertionError e) {
        throw new AssertionError("with -Dparley.pages.seed=" + seed, e);
      }
    }
  }

  private void walk(long seed, boolean forward) {
    Random random = new Random(seed);
    Story story = reserved(key("demo"));
    Deque<Append> appends = new ArrayDeque<>(new RandomStory(story, seed).appends(50));
    appends.removeIf(append -> append.after() instanceof SessionState.Deleted);
    for (int left = random.nextInt(1, appends.size() + 1); left > 0; left--) {
      apply(story, appends.remove());
    }
    List<MessageId> before = ids(messages(story, BEGINNING, 1000));
    List<MessageId> walked = new ArrayList<>();
    HistoryPlace place = forward ? BEGINNING : END;
    for (boolean more = true; more; ) {
      int bytesMax = random.nextInt(4) == 0 ? 400 : BYTES_MAX;
      Page<ChatMessage> page =
          found(pages().messages(story.key(), place, random.nextInt(1, 6), bytesMax));
      List<MessageId> ids = ids(page);
      walked.addAll(forward ? walked.size() : 0, ids);
      if (!ids.isEmpty()) {
        place =
            forward
                ? new HistoryPlace.After(ids.getLast())
                : new HistoryPlace.Before(ids.getFirst());
      }
      boolean grows = !appends.isEmpty();
      for (int some = random.nextInt(4); some > 0 && !appends.isEmpty(); some--) {
        apply(story, appends.remove());
      }
      more = page.hasMore() || (forward && grows);
      assertThat(ids.isEmpty() && page.hasMore()).as("an empty page is the last").isFalse();
    }
    List<MessageId> after = ids(messages(story, BEGINNING, 1000));
    assertThat(walked).doesNotHaveDuplicates();
    Set<MessageId> kept = new HashSet<>(after);
    if (forward) {
      assertThat(walked.stream().filter(kept::contains).toList()).isEqualTo(after);
    } else {
      kept.retainAll(before);
      assertThat(walked.stream().filter(kept::contains).toList())
          .isEqualTo(after.stream().filter(kept::contains).toList());
    }
  }

  // Turns.

  @Test
  void readsTurnsOldestFirst() {
    Story story = talk("one");
    apply(story, story.next(story.send("two")));
    apply(story, story.next(story.say("begun ")));
    apply(story, story.next(story.interrupt(false)));
    apply(story, story.next(story.send("three")));
    apply(story, story.next(story.fail()));
    apply(story, story.next(story.send("four")));
    Page<Turn> all = turns(story, null, 4);
    assertThat(all.hasMore()).isFalse();
    assertThat(all.items())
        .extracting(Turn::status)
        .containsExactly("completed", "interrupted", "error", "streaming");
    assertThat(all.items())
        .extracting(Turn::reason)
        .containsExactly("stop", "interrupted", "AGENT_ERROR", null);
    assertThat(all.items()).extracting(Turn::startedAt).isSorted();
    assertThat(all.items().getLast().completedAt()).isNull();
    Turn first = all.items().getFirst();
    assertThat(first.completedAt()).isAfter(first.startedAt());
    assertThat(first.messageId()).isEqualTo(ids(messages(story, BEGINNING, 1)).getFirst());
    assertThat(turns(story, null, 3)).isEqualTo(new Page<>(all.items().subList(0, 3), true));
    assertThat(turns(story, all.items().get(0).id(), 2))
        .isEqualTo(new Page<>(all.items().subList(1, 3), true));
    assertThat(turns(story, all.items().get(1).id(), 2))
        .isEqualTo(new Page<>(all.items().subList(2, 4), false));
    assertThat(turns(story, all.items().get(3).id(), 2)).isEqualTo(new Page<>(List.of(), false));
  }

  // Sessions.

  @Test
  void listsAUsersSessionsNewestActivityFirst() {
    List<Story> stories = IntStream.range(0, 5).mapToObj(_ -> created("demo")).toList();
    answered(stories.get(2), "hello");
    answered(stories.get(0), "hello");
    answered(stories.get(0), "hello again");
    List<SessionInfo> all = sessions(null, null, 9).items();
    assertThat(all)
        .isSortedAccordingTo(Comparator.comparing(SessionInfo::lastActivityAt).reversed());
    // Those of one instant: the latest made first.
    assertThat(all)
        .containsExactly(
            info(stories.get(0)),
            info(stories.get(2)),
            info(stories.get(4)),
            info(stories.get(3)),
            info(stories.get(1)));
    assertThat(sessions(null, null, 5).hasMore()).isFalse();
    assertThat(sessions(null, null, 4)).isEqualTo(new Page<>(all.subList(0, 4), true));
    assertThat(sessions(null, all.get(1).key(), 2)).isEqualTo(new Page<>(all.subList(2, 4), true));
    assertThat(sessions(null, all.get(3).key(), 2)).isEqualTo(new Page<>(all.subList(4, 5), false));
    assertThat(sessions(null, all.get(4).key(), 2)).isEqualTo(new Page<>(List.of(), false));
  }

  @Test
  void goesOnFromASessionAtItsPresentPlace() {
    List<Story> stories = IntStream.range(0, 3).mapToObj(_ -> created("demo")).toList();
    SessionKey last = sessions(null, null, 9).items().getLast().key();
    assertThat(sessions(null, last, 9).items()).isEmpty();
    Story moved = stories.getFirst();
    assertThat(moved.key()).isEqualTo(last);
    answered(moved, "hello");
    assertThat(sessions(null, last, 9).items())
        .containsExactly(info(stories.get(2)), info(stories.get(1)));
  }

  @Test
  void listsTheSessionsOfOneAgent() {
    Story demo = created("demo");
    Story other = created("other");
    Story second = created("demo");
    assertThat(sessions("demo", null, 9).items()).containsExactly(info(second), info(demo));
    assertThat(sessions("other", null, 9).items()).containsExactly(info(other));
    assertThat(sessions("none", null, 9)).isEqualTo(new Page<>(List.of(), false));
    assertThat(sessions("demo", null, 1)).isEqualTo(new Page<>(List.of(info(second)), true));
    // A place in the list of all is a place in the list of some.
    assertThat(sessions("demo", other.key(), 9).items()).containsExactly(info(demo));
  }

  @Test
  void showsNobodyTheSessionsOfAnother() {
    Story mine = created("demo");
    Story theirs = begin(new SessionKey(user + "-x", "demo", "t"));
    assertThat(sessions(null, null, 9).items()).containsExactly(info(mine));
    assertThat(outcome(pages().sessions(user, null, theirs.key(), 9))).isEmpty();
  }

  /// Whoever walks through a list while other sessions become active sees those that rest once.
  @Test
  void walksThroughAListThatMovesWithoutLossOrDouble() {
    for (int i = 0; i < Math.max(1, walks() / 10); i++) {
      long seed = SEED == null ? i : SEED;
      Random random = new Random(seed);
      user = "user-" + USERS.incrementAndGet();
      List<Story> stories = IntStream.range(0, 12).mapToObj(_ -> created("demo")).toList();
      Set<SessionKey> moved = new HashSet<>();
      List<SessionKey> walked = new ArrayList<>();
      SessionKey after = null;
      for (boolean more = true; more; ) {
        Page<SessionInfo> page = sessions(null, after, random.nextInt(1, 4));
        page.items().forEach(info -> walked.add(info.key()));
        more = page.hasMore();
        if (page.items().isEmpty()) {
          // What was left has become active and stands before this place now.
          break;
        }
        after = page.items().getLast().key();
        Story any = stories.get(random.nextInt(stories.size()));
        if (!any.key().equals(after)) {
          answered(any, "hello");
          moved.add(any.key());
        }
      }
      assertThat(walked).as("seed %d", seed).doesNotHaveDuplicates();
      List<SessionKey> resting =
          stories.reversed().stream().map(Story::key).filter(k -> !moved.contains(k)).toList();
      assertThat(walked.stream().filter(k -> !moved.contains(k)).toList())
          .as("seed %d", seed)
          .isEqualTo(resting);
    }
  }

  @Test
  void findsTheSessionsOfSomeKeys() {
    Story one = created("demo");
    Story two = created("demo");
    Story theirs = begin(new SessionKey(user + "-x", "demo", "t"));
    answered(two, "hello");
    assertThat(outcome(pages().sessions(List.of(one.key(), two.key(), theirs.key(), key("demo")))))
        .containsExactlyInAnyOrder(info(one), info(two), info(theirs));
    assertThat(outcome(pages().sessions(List.of()))).isEmpty();
  }

  @Test
  void tellsWhenEachUserWasActiveLast() {
    Story one = created("demo");
    Story two = created("demo");
    answered(one, "hello");
    Story theirs = begin(new SessionKey(user + "-x", "demo", "t"));
    Map<String, Instant> times =
        outcome(pages().lastActivity(List.of(user, user + "-x", user + "-none")));
    assertThat(times)
        .isEqualTo(
            Map.of(user, info(one).lastActivityAt(), user + "-x", info(theirs).lastActivityAt()));
    assertThat(info(one).lastActivityAt()).isAfter(info(two).lastActivityAt());
  }

  // How the tests speak.

  private SessionKey key(String agent) {
    return new SessionKey(user, agent, "thread-" + USERS.incrementAndGet());
  }

  private Story reserved(SessionKey key) {
    long sid = outcome(store().reserve(key));
    return new Story(key, sid, outcome(store().claim(sid, "node-1")).orElseThrow());
  }

  private Story begin(SessionKey key) {
    Story story = reserved(key);
    apply(story, story.next(story.create(null)));
    return story;
  }

  private Story created(String agent) {
    return begin(key(agent));
  }

  /// A session in which each of these was said and answered.
  private Story talk(String... said) {
    Story story = created("demo");
    for (String each : said) {
      answered(story, each);
    }
    return story;
  }

  private void answered(Story story, String said) {
    apply(story, story.next(story.send(said)));
    apply(story, story.next(story.say("re: " + said), story.done()));
  }

  private void apply(Story story, Append append) {
    assertThat(outcome(journal.append(append)))
        .as("append of session %d", story.sid())
        .isEqualTo(new AppendResult.Applied());
  }

  private Page<ChatMessage> messages(Story story, HistoryPlace place, int limit) {
    return found(pages().messages(story.key(), place, limit, BYTES_MAX));
  }

  private Page<Turn> turns(Story story, @Nullable TurnId after, int limit) {
    return found(pages().turns(story.key(), after, limit));
  }

  private Page<SessionInfo> sessions(
      @Nullable String agent, @Nullable SessionKey after, int limit) {
    Optional<Page<SessionInfo>> found = outcome(pages().sessions(user, agent, after, limit));
    return found.orElseThrow(() -> new AssertionError("no such place"));
  }

  private <T> Page<T> found(Uni<PageResult<T>> read) {
    PageResult<T> result = outcome(read);
    assertThat(result).isInstanceOf(PageResult.Found.class);
    return ((PageResult.Found<T>) result).page();
  }

  private static void assertPage(Page<ChatMessage> page, boolean hasMore, String... texts) {
    assertThat(page.items().stream().map(PagesContract::text)).containsExactly(texts);
    assertThat(page.hasMore()).isEqualTo(hasMore);
  }

  private static List<MessageId> ids(Page<ChatMessage> page) {
    return page.items().stream().map(ChatMessage::id).toList();
  }

  private static SessionInfo info(Story story) {
    return SessionInfo.of((SessionState.Present) story.state());
  }

  private static String text(ChatMessage message) {
    return EventStoreContract.text(message);
  }
}
