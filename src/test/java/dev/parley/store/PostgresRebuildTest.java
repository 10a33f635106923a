package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.session.ChatMessage;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.store.PostgresRebuild.Named;
import dev.parley.store.PostgresRebuild.Outcome;
import dev.parley.store.json.UnreadableException;
import dev.parley.testing.PostgresResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What follows from events is made again as commits had made it (requirement E2).
@QuarkusTest
@TestProfile(PostgresEventStoreTest.Undisturbed.class)
@WithTestResource(PostgresResource.class)
@SuppressWarnings("NullAway.Init")
final class PostgresRebuildTest {
  private static final AtomicInteger KEYS = new AtomicInteger();
  private static final Instant LATER = Instant.parse("2040-01-01T00:00:00Z");
  private static final int STORIES = 40;
  private static final int APPENDS = 40;

  /// Whole rows of these are compared. Of a snapshot it is where it leads to.
  private static final List<String> TABLES =
      List.of("sessions", "heads", "events", "frames", "turns", "messages", "sends");

  @Inject EventStore store;
  @Inject ColdReads coldReads;
  @Inject Database database;
  @Inject Vertx vertx;

  private PostgresAccess access;
  private Journal journal;
  private PostgresRebuild rebuild;

  @BeforeEach
  void begin() {
    access = new PostgresAccess(vertx);
    journal =
        new Journal(
            access.loop(), access.lane(), (_, _) -> {}, new Journal.Settings(256, 1 << 20, 2));
    // Pages so small that every history has many.
    rebuild = new PostgresRebuild(database, new PostgresRebuild.Settings(7, 2000, 3));
  }

  @AfterEach
  void close() {
    access.close();
  }

  @Test
  void makesEveryTableAgainAsItWasByteForByte() {
    int deleted = 0;
    int running = 0;
    for (long seed = 0; seed < STORIES; seed++) {
      Story story = random(seed);
      if (story.state() instanceof SessionState.Deleted) {
        deleted++;
        continue;
      }
      if (story.state() instanceof SessionState.Streaming) {
        running++;
      }
      Map<String, List<String>> before = rows(story);
      StoredSession loaded = load(story);
      List<ChatMessage> history = history(story);
      loseWhatFollowsFromEvents(story);
      assertThat(rows(story)).as("seed %d", seed).isNotEqualTo(before);

      long events = made(story.sid());

      assertThat(events).as("seed %d", seed).isEqualTo(story.state().eventSeq());
      assertThat(rows(story)).as("seed %d", seed).isEqualTo(before);
      StoredSession again = load(story);
      assertThat(again.state()).as("seed %d", seed).isEqualTo(loaded.state());
      assertThat(again.epoch()).isEqualTo(loaded.epoch());
      assertThat(again.lastCommit()).isEqualTo(loaded.lastCommit());
      assertThat(again.unsnapshotted()).isZero();
      assertThat(again.checkpoint()).isNull();
      assertThat(history(story)).as("seed %d", seed).isEqualTo(history);
      goesOn(story);
    }
    assertThat(deleted).isLessThan(STORIES / 2);
    assertThat(running).isGreaterThan(STORIES / 8);
  }

  @Test
  void changesNothingOfASessionThatIsWhole() {
    for (long seed = 0; seed < 10; seed++) {
      Story story = random(seed);
      if (story.state() instanceof SessionState.Present) {
        Map<String, List<String>> before = rows(story);
        assertThat(made(story.sid())).isEqualTo(story.state().eventSeq());
        assertThat(rows(story)).as("seed %d", seed).isEqualTo(before);
      }
    }
  }

  @Test
  void makesHeadsAgainThatAreLost() {
    for (boolean streaming : List.of(true, false)) {
      Story story = talk();
      apply(story.next(story.send("more")));
      apply(story.next(story.say("one ", "two ")));
      if (!streaming) {
        apply(story.next(story.done()));
      }
      StoredSession before = load(story);
      for (String loss :
          List.of(
              "DELETE FROM heads WHERE sid = %d",
              "UPDATE heads SET event_seq = 0, frame_seq = 0 WHERE sid = %d",
              "UPDATE heads SET frame_seq = frame_seq - 1 WHERE sid = %d")) {
        access.execute(loss.formatted(story.sid()));
        assertThat(made(story.sid())).isEqualTo(story.state().eventSeq());
        assertThat(load(story).state()).isEqualTo(before.state());
      }
      story.ownedUnder(access.outcome(store.claim(story.sid(), "node-1")).orElseThrow());
      goesOn(story);
    }
  }

  @Test
  void leavesWhatUsersSpentAsItIs() {
    Story story = talk();
    String ledger = "SELECT u::text FROM user_tokens u WHERE user_id = 'rebuilt' ORDER BY day";
    List<String> spent = access.texts(ledger);
    assertThat(spent).isNotEmpty();
    assertThat(made(story.sid())).isEqualTo(story.state().eventSeq());
    assertThat(access.texts(ledger)).isEqualTo(spent);
    access.execute("DELETE FROM user_tokens WHERE user_id = 'rebuilt'");
    assertThat(made(story.sid())).isEqualTo(story.state().eventSeq());
    assertThat(access.texts(ledger)).isEmpty();
  }

  @Test
  void healsABrokenSnapshot() {
    Story story = talk();
    SessionState before = load(story).state();
    access.execute("UPDATE snapshots SET payload = '{\"v\":' WHERE sid = " + story.sid());
    assertUnreadable(story);
    assertThat(made(story.sid())).isEqualTo(story.state().eventSeq());
    assertThat(load(story).state()).isEqualTo(before);
    goesOn(story);
  }

  @Test
  void marksTheTurnsWhoseFramesAreGone() {
    Story story = talk();
    apply(story.next(story.send("more")));
    apply(story.next(story.done()));
    apply(story.next(story.send("and more")));
    long first = Objects.requireNonNull(turns(story).getFirst().lastFrame()) + 1;
    // A turn is marked when its last frame has gone, and not when its first has.
    access.execute("DELETE FROM frames WHERE seq <= %d AND sid = %d".formatted(first, story.sid()));
    access.execute("UPDATE turns SET frames_kept = true WHERE sid = " + story.sid());
    assertThat(made(story.sid())).isEqualTo(story.state().eventSeq());
    String kept = "SELECT frames_kept FROM turns WHERE sid = %d ORDER BY first_frame";
    assertThat(access.texts(kept.formatted(story.sid()))).containsExactly("f", "t", "t");
    var _ = access.outcome(new PostgresRemoval(database, 0).frames(LATER, 1_000_000, 100_000_000));
    assertThat(access.texts(kept.formatted(story.sid()))).containsExactly("f", "f", "t");
    assertThat(made(story.sid())).isEqualTo(story.state().eventSeq());
    assertThat(access.texts(kept.formatted(story.sid()))).containsExactly("f", "f", "t");
    goesOn(story);
  }

  @Test
  void leavesAsItWasASessionThatCannotBeRead() {
    for (String damage :
        List.of(
            "DELETE FROM events WHERE seq = 2 AND sid = %d",
            "DELETE FROM events WHERE sid = %d",
            "DELETE FROM events WHERE seq > 4 AND sid = %d",
            "UPDATE events SET version = 9 WHERE seq = 3 AND sid = %d",
            "UPDATE events SET type = 'Unheard' WHERE seq = 3 AND sid = %d",
            "UPDATE events SET payload = '{' WHERE seq = 3 AND sid = %d",
            "UPDATE events SET type = 'SessionTouched' WHERE seq = 2 AND sid = %d",
            "UPDATE heads SET event_seq = event_seq + 1 WHERE sid = %d",
            "UPDATE heads SET frame_seq = frame_seq + 1 WHERE sid = %d",
            "DELETE FROM frames WHERE seq = 13 AND sid = %d")) {
      Story story = talk();
      apply(story.next(story.send("more")));
      apply(story.next(story.say("one ", "two ", "three ", "four ")));
      assertThat(access.tables(story.sid()).frames()).hasSizeGreaterThan(13);
      access.execute(damage.formatted(story.sid()));
      Map<String, List<String>> before = rows(story);
      String snapshot = "SELECT payload FROM snapshots WHERE sid = " + story.sid();
      List<String> snapshots = access.texts(snapshot);
      assertThat(access.outcome(rebuild.rebuild(story.sid())))
          .as(damage)
          .isInstanceOf(Outcome.Unreadable.class);
      assertThat(rows(story)).as(damage).isEqualTo(before);
      assertThat(access.texts(snapshot)).as(damage).isEqualTo(snapshots);
    }
  }

  @Test
  void refusesRowsThatTheTablesRefuseAndLeavesTheSessionAsItWas() {
    Story story = talk();
    access.execute(
        """
        UPDATE events
           SET payload = regexp_replace(payload, '"answerId":"[^"]*"', '"answerId":"no id"')
         WHERE sid = %d AND type = 'TurnStarted'
        """
            .formatted(story.sid()));
    Map<String, List<String>> before = rows(story);
    assertThat(access.outcome(rebuild.rebuild(story.sid())))
        .isEqualTo(
            new Outcome.Unreadable(
                "session %d: the tables refuse what follows from its events, SQLSTATE 23514"
                    .formatted(story.sid())));
    assertThat(rows(story)).isEqualTo(before);
  }

  @Test
  void listsEverySessionThatIsNotDeletedPageByPage() {
    Story one = talk();
    Story gone = talk();
    apply(gone.next(gone.delete()));
    SessionKey reserved = key();
    long number = access.outcome(store.reserve(reserved));
    Story two = talk();
    List<Named> all = new ArrayList<>();
    long last = one.sid() - 1;
    for (List<Named> page = page(last); !page.isEmpty(); page = page(last)) {
      assertThat(page).hasSizeLessThanOrEqualTo(3);
      all.addAll(page);
      last = page.getLast().sid();
    }
    assertThat(all)
        .startsWith(
            new Named(one.sid(), one.key()),
            new Named(number, reserved),
            new Named(two.sid(), two.key()));
    assertThat(made(number)).isZero();
    assertThat(access.outcome(coldReads.info(reserved))).isEmpty();
    assertThat(access.outcome(store.claim(number, "node-1"))).isPresent();
  }

  @Test
  void keepsACommitOutWhileASessionIsMadeAgain() throws Exception {
    Story story = talk();
    try (var worker = access.anotherConnection()) {
      worker.setAutoCommit(false);
      try (var statement = worker.createStatement()) {
        boolean _ =
            statement.execute("SELECT * FROM heads WHERE sid = " + story.sid() + " FOR UPDATE");
      }
      var rebuilt = rebuild.rebuild(story.sid()).subscribeAsCompletionStage();
      assertThat(access.outcome(journal.append(story.next(story.touch()))))
          .isEqualTo(new AppendResult.Missed());
      assertThat(rebuilt).isNotDone();
      worker.rollback();
      assertThat(rebuilt.get()).isInstanceOf(Outcome.Made.class);
    }
  }

  /// Makes the session again, and gives how many events that took.
  private long made(long sid) {
    Outcome outcome = access.outcome(rebuild.rebuild(sid));
    assertThat(outcome).isInstanceOf(Outcome.Made.class);
    return ((Outcome.Made) outcome).events();
  }

  private List<Projection.TurnRow> turns(Story story) {
    return access.tables(story.sid()).turns();
  }

  private List<Named> page(long after) {
    return access.outcome(rebuild.sessions(after));
  }

  private Story random(long seed) {
    Story story = reserved();
    new RandomStory(story, seed).appends(APPENDS).forEach(this::apply);
    return story;
  }

  /// A session with one message and its answer, and a name that was given it since.
  private Story talk() {
    Story story = reserved();
    apply(story.next(story.create("Title"), story.send("hello", WhenBusy.QUEUE, "client")));
    apply(story.next(story.say("an ", "answer ")));
    apply(story.nextWithSnapshot(story.done()));
    apply(story.next(story.rename("Another")));
    return story;
  }

  private Story reserved() {
    SessionKey key = key();
    long sid = access.outcome(store.reserve(key));
    return new Story(key, sid, access.outcome(store.claim(sid, "node-1")).orElseThrow());
  }

  private static SessionKey key() {
    return new SessionKey("rebuilt", "demo", "thread-" + KEYS.incrementAndGet());
  }

  private void apply(Append append) {
    assertThat(access.outcome(journal.append(append))).isEqualTo(new AppendResult.Applied());
  }

  private void goesOn(Story story) {
    apply(story.next(story.touch()));
    assertThat(load(story).state()).isEqualTo(story.state());
  }

  private StoredSession load(Story story) {
    return access.outcome(store.load(story.sid()));
  }

  private List<ChatMessage> history(Story story) {
    return access.outcome(store.history(story.sid(), 1000, 1 << 20));
  }

  private void assertUnreadable(Story story) {
    assertThatThrownBy(() -> load(story)).isInstanceOf(UnreadableException.class);
  }

  private Map<String, List<String>> rows(Story story) {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    for (String table : TABLES) {
      rows.put(
          table,
          access.texts(
              "SELECT t::text FROM %s t WHERE sid = %d ORDER BY 1".formatted(table, story.sid())));
    }
    return rows;
  }

  private void loseWhatFollowsFromEvents(Story story) {
    for (String table : List.of("turns", "messages", "sends", "snapshots")) {
      access.execute("DELETE FROM %s WHERE sid = %d".formatted(table, story.sid()));
    }
    access.execute(
        """
        UPDATE sessions
           SET title = 'lost', status = 'idle', queue_length = 0, model = NULL, incarnation = NULL,
               input_tokens = 0, output_tokens = 0, cache_read_tokens = 0,
               cache_creation_tokens = 0, created_at = NULL, last_activity_at = NULL
         WHERE sid = %d
        """
            .formatted(story.sid()));
  }
}
