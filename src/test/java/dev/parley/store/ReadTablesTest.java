package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.TurnOutput;
import dev.parley.session.Event;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.testing.ManualEventLoop;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The read tables can be thrown away: the stored events make the same rows again, however they
/// were cut into appends when they were written.
final class ReadTablesTest {
  private static final int HISTORIES = 300;
  private static final int APPENDS = 40;

  @Test
  void canBeMadeAgainFromTheEvents() {
    Set<Class<?>> seen = new HashSet<>();
    Set<String> statuses = new HashSet<>();
    for (long seed = 1; seed <= HISTORIES; seed++) {
      Written written = write(seed);
      Tables tables = written.tables();
      Projection again = ReadTables.replay(tables.events());
      assertThat(new Projection(tables.turns(), tables.messages(), tables.sends(), null))
          .as("seed %d", seed)
          .isEqualTo(again);
      tables.events().forEach(stored -> seen.add(stored.event().getClass()));
      tables.turns().forEach(turn -> statuses.add(turn.status()));
    }
    assertThat(seen).containsExactlyInAnyOrder(Event.class.getPermittedSubclasses());
    assertThat(statuses)
        .containsExactlyInAnyOrder("streaming", "completed", "interrupted", "error");
  }

  @Test
  void foldsEventsAndFramesToTheStateThatWroteThem() {
    for (long seed = 1; seed <= HISTORIES; seed++) {
      Written written = write(seed);
      assertThat(written.loaded().state()).as("seed %d", seed).isEqualTo(written.believed());
      assertThat(written.head().state())
          .as("seed %d", seed)
          .isEqualTo(withoutOutput(written.believed()));
    }
  }

  @Test
  void foldsASnapshotAndItsTailToWhatAllEventsFoldTo() {
    for (long seed = 1; seed <= HISTORIES; seed++) {
      Written written = write(seed);
      assertThat(withHeadsOf(ReadTables.fold(written.tables().events()), written.head().state()))
          .as("seed %d", seed)
          .isEqualTo(written.head().state());
    }
  }

  @Test
  void tellNoTurnTwiceAndEveryTurnItsOwnFrames() {
    for (long seed = 1; seed <= HISTORIES; seed++) {
      List<Projection.TurnRow> turns = write(seed).tables().turns();
      long last = 0;
      Map<String, Projection.TurnRow> byId = new LinkedHashMap<>();
      for (Projection.TurnRow turn : turns) {
        assertThat(byId.put(turn.turnId().value(), turn)).as("seed %d", seed).isNull();
        assertThat(turn.firstFrame()).as("seed %d", seed).isGreaterThan(last);
        last = turn.lastFrame() == null ? Long.MAX_VALUE : turn.lastFrame();
      }
    }
  }

  private record Written(
      Tables tables, StoredSession loaded, StoredSession head, SessionState believed) {}

  private static Written write(long seed) {
    ManualEventLoop loop = new ManualEventLoop();
    InMemoryStore store = new InMemoryStore(loop, InMemoryStore.Faults.NONE);
    Journal journal = new Journal(loop, store, (_, _) -> {}, new Journal.Settings(256, 1 << 20, 0));
    SessionKey key = new SessionKey("user", "demo", "thread");
    var sid = store.reserve(key).subscribeAsCompletionStage();
    loop.runUntilIdle();
    Story story = new Story(key, sid.join(), 0);
    for (Append append : new RandomStory(story, seed).appends(APPENDS)) {
      var result = journal.append(append).subscribeAsCompletionStage();
      loop.runUntilIdle();
      assertThat(result.join()).isEqualTo(new AppendResult.Applied());
    }
    var loaded = store.load(story.sid()).subscribeAsCompletionStage();
    var head = store.loadHead(story.sid()).subscribeAsCompletionStage();
    loop.runUntilIdle();
    return new Written(store.tables(story.sid()), loaded.join(), head.join(), story.state());
  }

  private static SessionState withoutOutput(SessionState state) {
    return state instanceof SessionState.Streaming streaming
        ? streaming.resume(TurnOutput.EMPTY, streaming.frameSeq())
        : state;
  }

  /// Events know the frame head behind them and not the frames that followed.
  private static SessionState withHeadsOf(SessionState folded, SessionState head) {
    return folded instanceof SessionState.Streaming streaming
        ? streaming.resume(TurnOutput.EMPTY, head.frameSeq())
        : folded;
  }
}
