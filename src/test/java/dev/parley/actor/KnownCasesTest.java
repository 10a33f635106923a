package dev.parley.actor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.actor.HubWorld.Asked;
import dev.parley.content.ChatStreamEvent;
import dev.parley.content.FinishReason;
import dev.parley.content.MessageId;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Event;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Frame;
import dev.parley.session.Refusal;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Present;
import dev.parley.session.TurnId;
import dev.parley.testing.ManualEventLoop;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is known to go wrong in systems of this kind, case by case. Races are tried in the orders
/// that many seeds give. What needs sockets is in `KnownCasesIT` and `KnownRestartsIT`, what needs
/// a failing store in [CommitFailureTest].
class KnownCasesTest {
  private static final int SEEDS = 200;

  static LongStream seeds() {
    return LongStream.range(0, SEEDS);
  }

  /// A session in a world whose loops interleave as the seed says.
  private static final class Race {
    final HubWorld world;
    final SessionKey key;

    Race(long seed) {
      world = new HubWorld(ManualEventLoop.seeded(seed));
      world.restartWithMailbox(64);
      key = world.created("t");
    }

    /// A call from a client of its own: when it arrives is the seed's affair.
    Asked<Reply> from(Supplier<Uni<Reply>> call) {
      Asked<Reply> asked = new Asked<>();
      world.loop.sibling().execute(() -> world.ask(asked, call.get()));
      return asked;
    }

    /// Something that happens on a thread of its own.
    void meanwhile(Runnable action) {
      world.loop.sibling().execute(action);
    }

    void settle() {
      world.loop.runUntilIdle();
    }

    List<TurnId> ended() {
      return world.events(key).stream()
          .filter(Event.TurnEnded.class::isInstance)
          .map(e -> ((Event.TurnEnded) e).turnId())
          .toList();
    }
  }

  @Nested
  @DisplayName("Case 2: sends at the same instant")
  class Case02SendsAtTheSameInstant {
    @ParameterizedTest
    @MethodSource("dev.parley.actor.KnownCasesTest#seeds")
    void twoToAnIdleSessionStartOneAndQueueOne(long seed) {
      Race race = new Race(seed);
      Asked<Reply> one = race.from(() -> race.world.send(race.key, "one"));
      Asked<Reply> two = race.from(() -> race.world.send(race.key, "two"));
      race.settle();
      assertThat(List.<Class<?>>of(one.reply().getClass(), two.reply().getClass()))
          .containsExactlyInAnyOrder(Reply.Started.class, Reply.Queued.class);
      assertThat(race.world.agent.answers()).hasSize(1);
      race.world.check();
    }

    @ParameterizedTest
    @MethodSource("dev.parley.actor.KnownCasesTest#seeds")
    void oneThatRacesATurnsEndIsRunNext(long seed) {
      Race race = new Race(seed);
      TurnId first = race.world.started(race.key, "one");
      race.meanwhile(() -> race.world.agent.last().text("said").finish());
      Asked<Reply> sent = race.from(() -> race.world.send(race.key, "two"));
      race.settle();
      assertThat(sent.reply()).isInstanceOfAny(Reply.Started.class, Reply.Queued.class);
      assertThat(race.ended()).containsExactly(first);
      assertThat(race.world.agent.answers()).hasSize(2);
      assertThat(race.world.agent.last().context().input().content()).isEqualTo("two");
      race.world.check();
    }

    @ParameterizedTest
    @MethodSource("dev.parley.actor.KnownCasesTest#seeds")
    void tenClientsAreRunInTheOrderOfTheirCommits(long seed) {
      Race race = new Race(seed);
      List<Asked<Reply>> sent =
          IntStream.range(0, 10)
              .mapToObj(i -> race.from(() -> race.world.send(race.key, "from " + i)))
              .toList();
      race.settle();
      assertThat(sent).allSatisfy(asked -> assertThat(asked.reply()).isNotNull());
      List<String> committed =
          race.world.events(race.key).stream()
              .flatMap(e ->
                  switch (e) {
                    case Event.TurnStarted started -> Stream.of(started.message().content());
                    case Event.MessageQueued queued -> Stream.of(queued.message().content());
                    default -> Stream.<String>empty();
                  })
              .toList();
      assertThat(committed).hasSize(10);
      for (int i = 0; i < 10; i++) {
        assertThat(race.world.agent.answers()).hasSize(i + 1);
        race.world.agent.last().finish();
        race.settle();
      }
      assertThat(
              race.world.agent.answers().stream().map(a -> a.context().input().content()).toList())
          .isEqualTo(committed);
      race.world.check();
    }
  }

  @Nested
  @DisplayName("Case 3: interrupts that race")
  class Case03Interrupts {
    @ParameterizedTest
    @MethodSource("dev.parley.actor.KnownCasesTest#seeds")
    void oneThatRacesCompletionEndsTheTurnOnce(long seed) {
      Race race = new Race(seed);
      TurnId turn = race.world.started(race.key, "one");
      race.meanwhile(() -> race.world.agent.last().text("said").finish());
      Asked<Reply> stopped = race.from(() -> race.world.hub().interrupt(race.key, null, false));
      race.settle();
      Reply.Interrupted reply = (Reply.Interrupted) stopped.reply();
      assertThat(race.ended()).containsExactly(turn);
      boolean interrupted = race.world.ended(race.key).outcome() instanceof TurnOutcome.Interrupted;
      assertThat(reply.turnId() != null).isEqualTo(interrupted);
      race.world.check();
    }

    @ParameterizedTest
    @MethodSource("dev.parley.actor.KnownCasesTest#seeds")
    void twoOfThemStopOneTurn(long seed) {
      Race race = new Race(seed);
      TurnId turn = race.world.started(race.key, "one");
      List<Asked<Reply>> stopped =
          List.of(
              race.from(() -> race.world.hub().interrupt(race.key, null, false)),
              race.from(() -> race.world.hub().interrupt(race.key, turn, false)));
      race.settle();
      assertThat(
              stopped.stream()
                  .filter(asked -> turn.equals(((Reply.Interrupted) asked.reply()).turnId())))
          .hasSize(1);
      assertThat(race.ended()).containsExactly(turn);
      race.world.check();
    }

    @ParameterizedTest
    @MethodSource("dev.parley.actor.KnownCasesTest#seeds")
    void oneThatMeansTheTurnBeforeLeavesTheNextAlone(long seed) {
      Race race = new Race(seed);
      TurnId first = race.world.started(race.key, "one");
      Asked<Reply> queued = race.from(() -> race.world.send(race.key, "two"));
      race.settle();
      assertThat(queued.reply()).isInstanceOf(Reply.Queued.class);
      ScriptedAgent.Answer answer = race.world.agent.last();
      race.meanwhile(() -> answer.text("said").finish());
      Asked<Reply> stopped = race.from(() -> race.world.hub().interrupt(race.key, first, false));
      race.settle();
      assertThat(race.ended()).containsExactly(first);
      assertThat(((Reply.Interrupted) stopped.reply()).turnId()).isIn(first, null);
      assertThat(race.world.stored(race.key)).isInstanceOf(SessionState.Streaming.class);
      assertThat(race.world.agent.answers()).hasSize(2);
      assertThat(race.world.agent.last().cancelled()).isFalse();
      race.world.check();
    }
  }

  @Nested
  @DisplayName("Case 4: agents that misbehave")
  class Case04Agents {
    private final HubWorld world = new HubWorld();
    private final SessionKey key = world.created("t");

    @Test
    void oneThatThrowsSynchronously() {
      world.agent.answering(_ -> {
        throw new IllegalStateException("a secret");
      });
      var _ = world.done(world.send(key, "hello"));
      assertThat(failure().code()).isEqualTo(Refusal.Code.AGENT_ERROR);
      assertThat(failure().message()).doesNotContain("secret");
      goesOn();
    }

    @Test
    void oneThatThrowsBeforeInTheMiddleAndAfter() {
      for (int tokens : new int[] {0, 3}) {
        var _ = world.started(key, "hello");
        IntStream.range(0, tokens).forEach(i -> world.agent.last().text(i + " "));
        world.agent.last().fail(new IllegalStateException("a secret"));
        world.loop.runUntilIdle();
        assertThat(failure().code()).isEqualTo(Refusal.Code.AGENT_ERROR);
        goesOn();
      }
      var _ = world.started(key, "hello");
      world.agent.last().text("all").finish();
      world.agent.last().fail(new IllegalStateException("a secret"));
      world.loop.runUntilIdle();
      assertThat(world.ended(key).outcome())
          .isEqualTo(new TurnOutcome.Completed(FinishReason.STOP));
      goesOn();
    }

    @Test
    void oneThatThrowsWhenItIsToldThatItsWordsAreDurable() {
      for (String word : new String[] {"", "said "}) {
        var _ = world.started(key, "hello");
        world.hold();
        world
            .agent
            .last()
            .text(word)
            .fence(() -> {
              throw new IllegalStateException("a secret");
            });
        world.loop.runUntilIdle();
        Asked<Reply> queued = world.done(world.send(key, "next"));
        world.release();
        assertThat(queued.reply()).isInstanceOfAny(Reply.Queued.class, Reply.Started.class);
        assertThat(failure().code()).isEqualTo(Refusal.Code.AGENT_ERROR);
        assertThat(failure().message()).doesNotContain("secret");
        world.agent.last().finish();
        world.loop.runUntilIdle();
        goesOn();
      }
    }

    @Test
    void oneThatNeverEmits() {
      var _ = world.done(world.send(key, "hello"));
      world.loop.advance(HubWorld.SILENCE);
      assertThat(failure().retryable()).isTrue();
      assertThat(world.agent.last().cancelled()).isTrue();
      goesOn();
    }

    @Test
    void oneThatEmitsAfterItsCancellationAndEmptyDeltas() {
      var _ = world.started(key, "hello");
      world.agent.last().text("").text("kept").text("");
      world.loop.runUntilIdle();
      var _ = world.done(world.hub().interrupt(key, null, false));
      world.agent.last().text("late").finish();
      world.loop.runUntilIdle();
      assertThat(world.deltas(key)).containsExactly("kept");
      goesOn();
    }

    @Test
    void oneThatSaysAMebibyteInOneDelta() {
      String big = "é".repeat(512 * 1024);
      var _ = world.started(key, "hello");
      world.agent.last().text(big).finish();
      world.loop.runUntilIdle();
      assertThat(String.join("", world.deltas(key))).isEqualTo(big);
      assertThat(world.deltas(key)).hasSize(16);
      assertThat(world.ended(key).outcome()).isInstanceOf(TurnOutcome.Completed.class);
      goesOn();
    }

    private TurnOutcome.Failed failure() {
      return (TurnOutcome.Failed) world.ended(key).outcome();
    }

    private void goesOn() {
      assertThat(world.stored(key)).isInstanceOf(SessionState.Idle.class);
      world.agent.answering(answer -> Multi.createFrom().publisher(answer));
      var _ = world.started(key, "next");
      world.agent.last().text("works").finish();
      world.loop.runUntilIdle();
      assertThat(world.ended(key).outcome()).isInstanceOf(TurnOutcome.Completed.class);
      world.check();
    }
  }

  @Test
  @DisplayName("Case 5: a queued message that cannot start is told of, and the queue goes on")
  void aQueuedMessageThatCannotStartIsToldOfAndTheQueueGoesOn() {
    HubWorld world = new HubWorld();
    SessionKey key = world.created("t");
    var _ = world.started(key, "one");
    Asked<Reply> two = world.done(world.send(key, "two"));
    var _ = world.done(world.send(key, "three"));
    world.agent.answering(answer -> {
      if (answer.context().input().content().equals("two")) {
        throw new IllegalStateException("cannot start");
      }
      return Multi.createFrom().publisher(answer);
    });
    world.agent.last().text("said").finish();
    world.loop.runUntilIdle();
    MessageId broken = ((Reply.Queued) two.reply()).message().id();
    List<Frame> frames = world.frames(key);
    TurnId turn =
        frames.stream()
            .filter(f -> f instanceof Frame.SessionStarted s && s.messageId().equals(broken))
            .map(f -> ((Frame.SessionStarted) f).turnId())
            .findFirst()
            .orElseThrow();
    assertThat(frames)
        .anyMatch(f ->
            f instanceof Frame.SessionStopped stopped
                && stopped.turnId().equals(turn)
                && stopped.outcome() instanceof TurnOutcome.Failed)
        .anyMatch(f ->
            f instanceof Frame.StreamEvent(var of, ChatStreamEvent.Error _) && of.equals(turn));
    assertThat(world.agent.last().context().input().content()).isEqualTo("three");
    assertThat(world.stored(key)).isInstanceOf(SessionState.Streaming.class);
    world.check();
  }

  @ParameterizedTest
  @MethodSource("fewSeeds")
  @DisplayName("Case 6b: a thousand new titles disturb no turn")
  void aThousandNewTitlesDisturbNoTurn(long seed) {
    Race race = new Race(seed);
    race.world.restartWithMailbox(1100);
    race.world.restartWithBuffer(1100);
    TurnId turn = race.world.started(race.key, "one");
    StringBuilder said = new StringBuilder();
    List<Asked<Reply>> updates = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      String title = "title " + i;
      updates.add(
          race.from(() -> race.world.hub().rename(race.key, title).map(_ -> new Reply.Done())));
      if (i % 10 == 0) {
        said.append(i).append(' ');
        race.world.agent.last().text(i + " ");
      }
      if (i % 7 == 0) {
        var _ = race.world.loop.step();
      }
    }
    race.settle();
    race.world.agent.last().finish();
    race.settle();
    assertThat(updates).allSatisfy(asked -> assertThat(asked.reply()).isNotNull());
    assertThat(String.join("", race.world.deltas(race.key))).isEqualTo(said.toString());
    assertThat(race.ended()).containsExactly(turn);
    List<String> titles =
        race.world.frames(race.key).stream()
            .filter(Frame.SessionRenamed.class::isInstance)
            .map(f -> ((Frame.SessionRenamed) f).title())
            .toList();
    assertThat(titles).hasSize(1000).doesNotHaveDuplicates();
    assertThat(((Present) race.world.stored(race.key)).core().title()).isEqualTo(titles.getLast());
    race.world.check();
  }

  static LongStream fewSeeds() {
    return LongStream.range(0, 5);
  }

  @Nested
  @DisplayName("Case 8: the same send again")
  class Case08TheSameSendAgain {
    private final HubWorld world = new HubWorld();
    private final SessionKey key = world.created("t");

    @ParameterizedTest
    @MethodSource("dev.parley.actor.KnownCasesTest#seeds")
    void fromTwoConnectionsAtOnce(long seed) {
      Race race = new Race(seed);
      List<Asked<Reply>> sent =
          List.of(
              race.from(() -> race.world.send(race.key, "one", "c")),
              race.from(() -> race.world.send(race.key, "one", "c")));
      race.settle();
      assertThat(sent.stream().map(a -> ((Reply.Started) a.reply()).turnId()).distinct())
          .hasSize(1);
      assertThat(sent.stream().filter(a -> ((Reply.Started) a.reply()).duplicate())).hasSize(1);
      assertThat(race.world.agent.answers()).hasSize(1);
      race.world.check();
    }

    @Test
    void afterARestart() {
      Reply.Started first = (Reply.Started) world.done(world.send(key, "one", "c")).reply();
      Reply.Queued second = (Reply.Queued) world.done(world.send(key, "two", "d")).reply();
      world.restart();
      assertThat(world.done(world.send(key, "one", "c")).reply())
          .isEqualTo(new Reply.Started(first.messageId(), first.turnId(), true));
      assertThat(world.done(world.send(key, "two", "d")).reply())
          .isInstanceOfSatisfying(
              Reply.Queued.class,
              again -> assertThat(again.message().id()).isEqualTo(second.message().id()));
      world.check();
    }

    @Test
    void toANodeThatDoesNotKnowYetThatItIsTheOwnerNoMore() {
      var _ = world.started(key, "one");
      SessionHub late = world.hub();
      world.restart();
      Reply.Started taken = (Reply.Started) world.done(world.send(key, "two", "d")).reply();
      assertThat(world.done(sendUnlessBusy(late, "two", "d")).reply())
          .isEqualTo(new Reply.Started(taken.messageId(), taken.turnId(), true));
      assertThat(world.done(sendUnlessBusy(late, "three", "e")).refusal())
          .isInstanceOf(Refusal.SessionBusy.class);
      assertThat(world.done(sendUnlessBusy(world.hub(), "three", "e")).refusal())
          .isInstanceOf(Refusal.SessionBusy.class);
      world.faults.away = true;
      assertThat(world.done(sendUnlessBusy(late, "two", "d")).code())
          .isEqualTo(Refusal.Code.UNAVAILABLE);
      world.check();
    }

    private Uni<Reply> sendUnlessBusy(SessionHub hub, String content, String name) {
      return hub.send(
          key, content, null, new ClientMessageId(name), WhenBusy.REJECT, world.incoming());
    }
  }

  @Nested
  @DisplayName("Case 10: deleted in mid-stream and made again")
  class Case10DeletedInMidStream {
    private final HubWorld world = new HubWorld();
    private final SessionKey key = world.created("t");

    @Test
    void nothingOfTheOldOneShows() {
      var _ = world.started(key, "one");
      world.agent.last().text("old");
      world.loop.runUntilIdle();
      var _ = world.done(world.send(key, "waits", "c"));
      long sid = world.sid(key);
      assertThat(world.done(world.hub().delete(key)).reply()).isTrue();
      assertThat(world.agent.last().cancelled()).isTrue();
      assertThat(world.frames(key).getLast()).isEqualTo(new Frame.SessionDeleted(key));
      assertThat(world.done(world.send(key, "to nobody")).refusal())
          .isEqualTo(new Refusal.SessionNotFound(key));
      assertThat(world.done(world.hub().delete(key)).reply()).isFalse();
      assertThat(world.hub().activeSessions()).isEmpty();

      assertThat(world.created("t")).isEqualTo(key);
      assertThat(world.sid(key)).isNotEqualTo(sid);
      Reply.Started anew = (Reply.Started) world.done(world.send(key, "fresh", "c")).reply();
      assertThat(anew.duplicate()).isFalse();
      assertThat(world.done(world.agent.last().context().history()).reply()).isEmpty();
      assertThat(world.frames(key).getFirst()).isInstanceOf(Frame.UserMessage.class);
      world.check();
    }

    @ParameterizedTest
    @MethodSource("dev.parley.actor.KnownCasesTest#seeds")
    void deletingRacesMakingItAgainAndASend(long seed) {
      Race race = new Race(seed);
      var _ = race.world.started(race.key, "one");
      Asked<Reply> deleted =
          race.from(() -> race.world.hub().delete(race.key).map(_ -> new Reply.Done()));
      Asked<Reply> made =
          race.from(() -> race.world.hub().create(race.key, null).map(_ -> new Reply.Done()));
      Asked<Reply> sent =
          race.from(() -> race.world.hub().touch(race.key).map(_ -> new Reply.Done()));
      race.settle();
      assertThat(deleted.reply()).isNotNull();
      assertThat(made.isOpen()).isFalse();
      assertThat(sent.isOpen()).isFalse();
      if (made.isRefused()) {
        assertThat(made.refusal()).isEqualTo(new Refusal.SessionExists(race.key));
      }
      boolean present = race.world.done(race.world.store.find(race.key)).reply().isPresent();
      assertThat(present).isEqualTo(!made.isRefused());
    }
  }

  @Test
  @DisplayName("T9: regenerating answers the message again and takes what followed out of history")
  void regeneratingTakesWhatFollowedOutOfHistory() {
    HubWorld world = new HubWorld();
    SessionKey key = world.created("t");
    MessageId first = said(world, key, "one", "first answer");
    MessageId _ = said(world, key, "two", "second answer");
    Reply.Started again =
        (Reply.Started) world.done(world.hub().regenerate(key, first, null, null, null)).reply();
    assertThat(again.messageId()).isEqualTo(first);
    assertThat(world.agent.last().context().input().content()).isEqualTo("one");
    assertThat(world.done(world.agent.last().context().history()).reply()).isEmpty();
    world.agent.last().begin().text("better").finish();
    world.loop.runUntilIdle();
    assertThat(world.done(world.store.history(world.sid(key), 10, 1 << 20)).reply()).hasSize(2);

    Reply.Started edited =
        (Reply.Started)
            world
                .done(
                    world
                        .hub()
                        .regenerate(key, first, new SessionHub.Edit("won", null), null, null))
                .reply();
    assertThat(edited.messageId()).isNotEqualTo(first);
    assertThat(world.agent.last().context().input().content()).isEqualTo("won");
    Asked<Reply> gone = world.done(world.hub().regenerate(key, first, null, null, null));
    assertThat(gone.refusal()).isInstanceOf(Refusal.InvalidRequest.class);
    world.check();
  }

  @Test
  @DisplayName("T9: without a name the newest message is meant, in a burst of calls too")
  void regeneratingMeansTheNewestMessageOfABurst() {
    HubWorld world = new HubWorld();
    SessionKey key = world.created("t");
    MessageId _ = said(world, key, "one", "answer");
    world.hold();
    Asked<Reply> sent =
        world.ask(world.hub().send(key, "two", null, null, WhenBusy.INTERRUPT, null));
    Asked<Reply> again = world.ask(world.hub().regenerate(key, null, null, null, null));
    world.loop.runUntilIdle();
    world.release();
    assertThat(((Reply.Started) again.reply()).messageId())
        .isEqualTo(((Reply.Started) sent.reply()).messageId());
    world.check();
  }

  /// A message that was answered.
  private static MessageId said(HubWorld world, SessionKey key, String text, String answer) {
    Reply reply = world.done(world.send(key, text)).reply();
    world.agent.last().begin().text(answer).finish();
    world.loop.runUntilIdle();
    return ((Reply.Started) reply).messageId();
  }
}
