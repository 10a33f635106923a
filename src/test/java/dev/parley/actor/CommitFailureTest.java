package dev.parley.actor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.actor.HubWorld.Asked;
import dev.parley.content.MessageId;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Event;
import dev.parley.session.Refusal;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.store.Append;
import dev.parley.store.InMemoryStore.CommitFault;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A commit that fails, in every way, at every kind of append: afterwards the state in memory is
/// the state in the store, and the caller was told what is true in the store.
@DisplayName("Case 6: a commit that fails")
class CommitFailureTest {
  private static final Duration LONG = Duration.ofSeconds(10);

  /// What a client may want of a session in which a turn runs and a message waits.
  enum Kind {
    SEND,
    SEND_AND_STOP,
    SEND_AND_DISCARD,
    INTERRUPT,
    DEQUEUE,
    REGENERATE,
    EDIT,
    RENAME,
    TOUCH,
    DELETE;

    Uni<Reply> call(HubWorld world, SessionKey key) {
      SessionHub hub = world.hub();
      return switch (this) {
        case SEND -> world.send(key, "more", "c");
        case SEND_AND_STOP -> hub.send(key, "now", null, null, WhenBusy.INTERRUPT, null);
        case SEND_AND_DISCARD -> hub.send(key, "now", null, null, WhenBusy.ROLLBACK, null);
        case INTERRUPT -> hub.interrupt(key, null, false);
        case DEQUEUE -> hub.dequeue(key, waiting(world, key));
        case REGENERATE -> hub.regenerate(key, null, null, null, null);
        case EDIT -> hub.regenerate(key, null, new SessionHub.Edit("edited", null), null, null);
        case RENAME -> hub.rename(key, "title").map(_ -> new Reply.Done());
        case TOUCH -> hub.touch(key).map(_ -> new Reply.Done());
        case DELETE -> hub.delete(key).map(_ -> new Reply.Done());
      };
    }

    /// What it leaves in the store.
    Class<? extends Event> trace() {
      return switch (this) {
        case SEND -> Event.MessageQueued.class;
        case SEND_AND_STOP, SEND_AND_DISCARD, INTERRUPT -> Event.TurnEnded.class;
        case DEQUEUE -> Event.MessageRemoved.class;
        case REGENERATE -> Event.TurnRegenerated.class;
        case EDIT -> Event.MessagesDiscarded.class;
        case RENAME -> Event.SessionRenamed.class;
        case TOUCH -> Event.SessionTouched.class;
        case DELETE -> Event.SessionDeleted.class;
      };
    }

    private static MessageId waiting(HubWorld world, SessionKey key) {
      return ((SessionState.Present) world.stored(key)).core().queue().getFirst().message().id();
    }
  }

  static Stream<Arguments> everyFaultAtEveryCall() {
    return Arrays.stream(Kind.values())
        .flatMap(
            kind -> Arrays.stream(CommitFault.values()).map(fault -> Arguments.of(kind, fault)));
  }

  @ParameterizedTest
  @MethodSource("everyFaultAtEveryCall")
  void atACallTellsWhatIsTrueInTheStore(Kind kind, CommitFault fault) {
    HubWorld world = new HubWorld();
    SessionKey key = world.created("t");
    var _ = world.started(key, "one");
    var _ = world.done(world.send(key, "waits"));
    List<Event> before = world.events(key);
    Uni<Reply> call = kind.call(world, key);
    world.faults.commits.add(fault);
    Asked<Reply> asked = world.ask(call);
    world.loop.advance(LONG);
    assertThat(asked.isOpen()).isFalse();
    List<Event> added = world.events(key).subList(before.size(), world.events(key).size());
    boolean stored =
        switch (fault) {
          case NONE, LOST_AFTER, RETRY -> true;
          case LOST_BEFORE, LATE -> false;
        };
    assertThat(asked.isRefused()).isEqualTo(!stored);
    if (stored) {
      assertThat(added).hasAtLeastOneElementOfType(kind.trace());
    } else {
      assertThat(asked.code()).isEqualTo(Refusal.Code.UNAVAILABLE);
      // The turn that was running ended because its store was away; that is all that happened.
      assertThat(added)
          .allMatch(e -> e instanceof Event.TurnEnded || e instanceof Event.QueuedTurnStarted);
    }
    assertMemoryIsTheStore(world, key);
  }

  @ParameterizedTest
  @EnumSource(CommitFault.class)
  void atTheCreationTellsWhatIsTrueInTheStore(CommitFault fault) {
    HubWorld world = new HubWorld();
    SessionKey key = new SessionKey("user", "scripted", "t");
    world.faults.commits.add(fault);
    var asked = world.ask(world.hub().create(key, null));
    world.loop.advance(LONG);
    var again = world.done(world.hub().create(key, null));
    if (asked.isRefused()) {
      assertThat(asked.code()).isEqualTo(Refusal.Code.UNAVAILABLE);
      assertThat(again.isRefused()).isFalse();
    } else {
      assertThat(again.refusal()).isEqualTo(new Refusal.SessionExists(key));
    }
  }

  @ParameterizedTest
  @EnumSource(CommitFault.class)
  void atTheFirstTurnStartsItOnceOrNot(CommitFault fault) {
    HubWorld world = new HubWorld();
    SessionKey key = world.created("t");
    world.faults.commits.add(fault);
    Asked<Reply> asked = world.ask(world.send(key, "one", "c"));
    world.loop.advance(LONG);
    Asked<Reply> again = world.done(world.send(key, "one", "c"));
    assertThat(((Reply.Started) again.reply()).duplicate()).isEqualTo(!asked.isRefused());
    assertThat(world.events(key).stream().filter(Event.TurnStarted.class::isInstance)).hasSize(1);
    assertMemoryIsTheStore(world, key);
  }

  @ParameterizedTest
  @EnumSource(CommitFault.class)
  void atTheAgentsWordsKeepsWhatIsStored(CommitFault fault) {
    HubWorld world = new HubWorld();
    SessionKey key = world.created("t");
    var _ = world.started(key, "one");
    world.faults.commits.add(fault);
    world.agent.last().text("words");
    world.loop.advance(LONG);
    boolean kept = fault != CommitFault.LOST_BEFORE && fault != CommitFault.LATE;
    assertThat(world.deltas(key)).isEqualTo(kept ? List.of("words") : List.of());
    assertMemoryIsTheStore(world, key);
  }

  @ParameterizedTest
  @EnumSource(CommitFault.class)
  void atTheAgentsEndEndsTheTurnOnce(CommitFault fault) {
    HubWorld world = new HubWorld();
    SessionKey key = world.created("t");
    var _ = world.started(key, "one");
    world.faults.commits.add(fault);
    world.agent.last().finish();
    world.loop.advance(LONG);
    assertThat(world.events(key).stream().filter(Event.TurnEnded.class::isInstance)).hasSize(1);
    assertThat(world.stored(key)).isInstanceOf(SessionState.Idle.class);
    assertMemoryIsTheStore(world, key);
  }

  @ParameterizedTest
  @EnumSource(CommitFault.class)
  void atTheMendingOfARestartEndsTheTurnOnce(CommitFault fault) {
    HubWorld world = new HubWorld();
    SessionKey key = world.created("t");
    var _ = world.started(key, "one");
    world.restart();
    world.faults.commits.add(fault);
    world.hub().start(world.loop);
    world.loop.advance(LONG);
    assertThat(world.events(key).stream().filter(Event.TurnEnded.class::isInstance)).hasSize(1);
    assertThat(world.stored(key)).isInstanceOf(SessionState.Idle.class);
    assertMemoryIsTheStore(world, key);
  }

  /// The next append is decided on exactly what the store had.
  private static void assertMemoryIsTheStore(HubWorld world, SessionKey key) {
    world.check();
    if (world.done(world.store.find(key)).reply().isEmpty()) {
      return;
    }
    SessionState stored = world.stored(key);
    var _ = world.done(world.hub().touch(key)).reply();
    Append last = world.appends.getLast();
    assertThat(last.before()).isEqualTo(stored);
    assertThat(world.stored(key)).isEqualTo(last.after());
    world.check();
  }
}
