package dev.parley.actor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.agent.Agents.OnCrash;
import dev.parley.content.JsonText;
import dev.parley.content.MessagePart;
import dev.parley.session.Event;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.TurnId;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What outlives the process: turns that go on on the next node (requirement A4), and what an agent
/// keeps for itself from turn to turn (E3).
class GoingOnTest {
  private final HubWorld world = new HubWorld();
  private final SessionKey key = world.created("t");

  @AfterEach
  void whatIsStoredIsWhatWasAnswered() {
    world.check();
  }

  @Test
  void goesOnFromTheLastDurableWord() {
    world.agent.resumable = true;
    TurnId turn = world.started(key, "hello");
    world.agent.last().text("one ");
    world.loop.runUntilIdle();
    crash(OnCrash.CONTINUE);
    assertThat(world.agent.resumed()).hasSize(1);
    assertThat(world.agent.resumed().getFirst().parts())
        .containsExactly(new MessagePart.Text("one "));
    world.agent.last().text("two").finish();
    world.loop.runUntilIdle();
    assertThat(world.ended(key).turnId()).isEqualTo(turn);
    assertThat(world.ended(key).answer()).containsExactly(new MessagePart.Text("one two"));
    assertThat(world.ended(key).outcome()).isInstanceOf(TurnOutcome.Completed.class);
  }

  @Test
  void startsATurnThatHasSaidNothingAgainOnceUnderTheSameName() {
    TurnId turn = ((Reply.Started) world.done(world.send(key, "hello")).reply()).turnId();
    crash(OnCrash.CONTINUE);
    assertThat(world.agent.answers()).hasSize(2);
    assertThat(world.agent.resumed()).isEmpty();
    assertThat(world.agent.last().context().turnId()).isEqualTo(turn);
    assertThat(world.agent.last().context().input().content()).isEqualTo("hello");
    crash(OnCrash.CONTINUE);
    assertThat(world.agent.answers()).hasSize(2);
    assertThat(world.ended(key).turnId()).isEqualTo(turn);
    assertThat(world.ended(key).outcome()).isEqualTo(new TurnOutcome.Interrupted("node lost"));
  }

  @Test
  void interruptsAnAnswerThatItsAgentCannotGoOnWith() {
    var _ = world.started(key, "hello");
    world.agent.last().text("half");
    world.loop.runUntilIdle();
    crash(OnCrash.CONTINUE);
    assertThat(world.ended(key).outcome()).isEqualTo(new TurnOutcome.Interrupted("node lost"));
    assertThat(world.ended(key).answer()).containsExactly(new MessagePart.Text("half"));
  }

  @Test
  void interruptsATurnWhereNothingElseIsConfigured() {
    world.agent.resumable = true;
    var _ = world.started(key, "hello");
    world.agent.last().text("half");
    world.loop.runUntilIdle();
    crash(OnCrash.INTERRUPT);
    assertThat(world.ended(key).outcome()).isEqualTo(new TurnOutcome.Interrupted("node lost"));
    assertThat(world.agent.resumed()).isEmpty();
  }

  @Test
  void beginsAnewOnceAndDiscardsWhatWasSaid() {
    TurnId turn = world.started(key, "hello");
    world.agent.last().text("half");
    world.loop.runUntilIdle();
    crash(OnCrash.RESTART);
    assertThat(world.ended(key).turnId()).isEqualTo(turn);
    assertThat(world.ended(key).outcome()).isEqualTo(new TurnOutcome.Interrupted("node lost"));
    assertThat(world.ended(key).discarded()).isTrue();
    assertThat(world.agent.last().context().input().content()).isEqualTo("hello");
    assertThat(world.agent.resumed()).isEmpty();
    TurnId second = world.agent.last().context().turnId();
    assertThat(second).isNotEqualTo(turn);
    world.agent.last().text("half again");
    world.loop.runUntilIdle();
    crash(OnCrash.RESTART);
    assertThat(world.ended(key).turnId()).isEqualTo(second);
    assertThat(world.ended(key).discarded()).isFalse();
    assertThat(world.ended(key).answer()).containsExactly(new MessagePart.Text("half again"));
    assertThat(world.stored(key)).isInstanceOf(SessionState.Idle.class);
  }

  @Test
  void runsWhatWasQueuedInItsOrder() {
    var _ = world.started(key, "one");
    for (String text : List.of("two", "three", "four")) {
      assertThat(world.done(world.send(key, text)).reply()).isInstanceOf(Reply.Queued.class);
    }
    crash(OnCrash.INTERRUPT);
    for (String text : List.of("two", "three", "four")) {
      assertThat(world.agent.last().context().input().content()).isEqualTo(text);
      world.agent.last().finish();
      world.loop.runUntilIdle();
    }
    assertThat(world.stored(key)).isInstanceOf(SessionState.Idle.class);
  }

  @Test
  void findsWhatTheAgentKeptInTheNextTurnAndAfterARestart() {
    var _ = world.started(key, "one");
    assertThat(world.agent.last().context().checkpoint()).isNull();
    world.agent.last().text("said").finishKeeping("{\"turns\": 1}");
    world.loop.runUntilIdle();
    var _ = world.started(key, "two");
    assertThat(world.agent.last().context().checkpoint()).isEqualTo(new JsonText("{\"turns\":1}"));
    world.agent.last().finishKeeping("{\"turns\":2}");
    world.loop.runUntilIdle();
    world.restart();
    var _ = world.started(key, "three");
    assertThat(world.agent.last().context().checkpoint()).isEqualTo(new JsonText("{\"turns\":2}"));
  }

  @Test
  void findsNothingAfterATurnThatKeptNothingOrAnotherHistory() {
    keepSomething();
    var _ = world.started(key, "two");
    var _ = world.done(world.hub().interrupt(key, null, false));
    var _ = world.started(key, "three");
    assertThat(world.agent.last().context().checkpoint()).isNull();
    world.agent.last().finish();
    world.loop.runUntilIdle();

    keepSomething();
    var _ = world.done(world.hub().regenerate(key, null, null, null, null));
    assertThat(world.agent.last().context().checkpoint()).isNull();
    world.restart();
    world.hub().start(world.loop);
    world.loop.runUntilIdle();
    var _ = world.started(key, "four");
    assertThat(world.agent.last().context().checkpoint()).isNull();
  }

  @Test
  void keepsNothingThatIsNotJson() {
    var _ = world.started(key, "one");
    world.agent.last().text("said").finishKeeping("{not json");
    world.loop.runUntilIdle();
    assertThat(world.ended(key).outcome()).isInstanceOf(TurnOutcome.Failed.class);
  }

  @Test
  void announcesTurnsThatCompleteWithTheirLastEvent() {
    world.announced = true;
    world.restart();
    TurnId turn = world.started(key, "one");
    world.agent.last().text("said").finish();
    world.loop.runUntilIdle();
    var last =
        world.appends.stream()
            .filter(a -> a.events().stream().anyMatch(e -> e.event() instanceof Event.TurnEnded))
            .toList();
    assertThat(last).hasSize(1);
    assertThat(last.getFirst().effects())
        .singleElement()
        .satisfies(effect -> assertThat(effect.dedupeKey()).isEqualTo("turn-" + turn));
  }

  private void keepSomething() {
    var _ = world.started(key, "kept");
    world.agent.last().text("said").finishKeeping("{}");
    world.loop.runUntilIdle();
  }

  /// The process dies, and another one takes up what it left.
  private void crash(OnCrash onCrash) {
    world.onCrash = onCrash;
    world.restart();
    world.hub().start(world.loop);
    world.loop.runUntilIdle();
  }
}
