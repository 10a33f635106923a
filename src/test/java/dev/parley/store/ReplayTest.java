package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.store.Replay.StoredFrames;
import dev.parley.store.json.UnreadableException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Stored events lead to the same rows and states however many are read at a time, and what is
/// missing is noticed.
final class ReplayTest {
  private static final int HISTORIES = 200;

  @Test
  void leavesTheSameRowsHoweverManyEventsAreReadAtATime() {
    for (long seed = 0; seed < HISTORIES; seed++) {
      List<StoredEvent> events = random(seed);
      Random pages = new Random(seed);
      Replay replay = new Replay(1, new SessionState.Absent());
      List<Projection> projections = new ArrayList<>();
      for (int at = 0; at < events.size(); ) {
        int end = Math.min(events.size(), at + pages.nextInt(1, 12));
        projections.add(replay.next(events.subList(at, end)));
        at = end;
      }
      assertThat(merged(projections)).as("seed %d", seed).isEqualTo(ReadTables.replay(events));
      assertThat(replay.state()).as("seed %d", seed).isEqualTo(ReadTables.fold(events));
    }
  }

  @Test
  void noticesAnEventThatIsMissing() {
    List<StoredEvent> events = new ArrayList<>(random(3));
    events.remove(4);
    Replay replay = new Replay(7, new SessionState.Absent());
    assertThatThrownBy(() -> replay.next(events))
        .isInstanceOf(UnreadableException.class)
        .hasMessage("session 7: event 5 is missing");
  }

  @Test
  void noticesAnEventThatCannotFollow() {
    Story story = begin();
    Append created = story.next(story.create(null));
    List<StoredEvent> events = PreparedAppend.of(created).events();
    Replay replay = new Replay(7, new SessionState.Absent());
    StoredEvent again =
        new StoredEvent(2, 0, events.getFirst().type(), 1, events.getFirst().payload());
    assertThat(replay.next(events.getFirst()).seq()).isEqualTo(1);
    assertThatThrownBy(() -> replay.next(again))
        .isInstanceOf(UnreadableException.class)
        .hasMessageStartingWith("event 2 of session 7 cannot follow");
  }

  @Test
  void takesTheFrameHeadOfAnIdleSessionFromItsLastEvent() {
    Replay replay = replay(false);
    long head = replay.state().frameSeq();
    assertThat(replay.frameHead(new StoredFrames(head, 0))).isEqualTo(head);
    assertThat(replay.frameHead(new StoredFrames(null, 0))).isEqualTo(head);
    assertThatThrownBy(() -> replay.frameHead(new StoredFrames(head + 1, 0)))
        .isInstanceOf(UnreadableException.class);
  }

  @Test
  void takesTheFrameHeadOfARunningTurnFromItsFrames() {
    Replay replay = replay(true);
    long first = ((SessionState.Streaming) replay.state()).turn().firstFrame();
    assertThat(replay.frameHead(new StoredFrames(first + 5, 5))).isEqualTo(first + 5);
    assertThat(replay.frameHead(new StoredFrames(first, 0))).isEqualTo(first);
    assertThatThrownBy(() -> replay.frameHead(new StoredFrames(first + 5, 4)))
        .isInstanceOf(UnreadableException.class)
        .hasMessageEndingWith("frames of the running turn are missing");
  }

  @Test
  void makesGoodAHeadThatIsBehindAndReportsOneThatIsAhead() {
    Replay replay = replay(false);
    long event = replay.state().eventSeq();
    long frame = replay.state().frameSeq();
    replay.compare(0, 0, frame);
    replay.compare(event, frame, frame);
    assertThatThrownBy(() -> replay.compare(event + 1, frame, frame))
        .isInstanceOf(UnreadableException.class);
    assertThatThrownBy(() -> replay.compare(event, frame + 1, frame))
        .isInstanceOf(UnreadableException.class);
  }

  private static Replay replay(boolean streaming) {
    Story story = begin();
    List<StoredEvent> events =
        new ArrayList<>(
            PreparedAppend.of(story.next(story.create(null), story.send("hello"))).events());
    if (!streaming) {
      events.addAll(PreparedAppend.of(story.next(story.say("word"), story.done())).events());
    }
    Replay replay = new Replay(7, new SessionState.Absent());
    assertThat(replay.next(events).messages()).hasSize(streaming ? 1 : 2);
    return replay;
  }

  private static Story begin() {
    return new Story(new SessionKey("user", "demo", "thread"), 1, 1);
  }

  private static List<StoredEvent> random(long seed) {
    return new RandomStory(begin(), seed)
        .appends(25).stream().flatMap(a -> PreparedAppend.of(a).events().stream()).toList();
  }

  /// What the pages leave when they are written one after the other.
  private static Projection merged(List<Projection> pages) {
    Map<String, Projection.TurnRow> turns = new LinkedHashMap<>();
    List<Projection.MessageRow> messages = new ArrayList<>();
    List<Projection.SendRow> sends = new ArrayList<>();
    for (Projection page : pages) {
      page.turns().forEach(turn -> turns.put(turn.turnId().value(), turn));
      @Nullable Long from = page.discardedFrom();
      if (from != null) {
        messages.replaceAll(row -> row.discardedFrom(from));
      }
      messages.addAll(page.messages());
      sends.addAll(page.sends());
    }
    return new Projection(List.copyOf(turns.values()), messages, sends, null);
  }
}
