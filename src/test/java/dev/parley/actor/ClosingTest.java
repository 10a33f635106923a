package dev.parley.actor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.actor.HubWorld.Asked;
import dev.parley.agent.Agents.OnCrash;
import dev.parley.content.MessagePart;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Refusal;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Present;
import dev.parley.session.TurnId;
import org.junit.jupiter.api.Test;

/// A node that is about to stop starts no turn, and ends those that run with what they have said
/// (requirement N4).
class ClosingTest {
  /// More than there are until everything is done.
  private static final int STEPS_MAX = 60;

  private final HubWorld world = new HubWorld();
  private final SessionKey key = world.created("t");

  @Test
  void refusesWhatWouldStartATurn() {
    Asked<Boolean> closed = closed();
    assertThat(closed.isOpen()).isFalse();
    assertThat(world.done(world.send(key, "late")).code()).isEqualTo(Refusal.Code.DRAINING);
    assertThat(world.done(world.hub().regenerate(key, null, null, null, null)).code())
        .isEqualTo(Refusal.Code.DRAINING);
    assertThat(world.agent.answers()).isEmpty();
  }

  @Test
  void letsATurnComeToItsEndAndStartsNoOther() {
    TurnId turn = world.started(key, "one");
    assertThat(world.done(world.send(key, "two")).reply()).isInstanceOf(Reply.Queued.class);
    Asked<Boolean> closed = closed();
    world.agent.last().text("all of it").finish();
    world.loop.runUntilIdle();
    assertThat(closed.isOpen()).isFalse();
    assertThat(world.ended(key).turnId()).isEqualTo(turn);
    assertThat(world.ended(key).outcome()).isInstanceOf(TurnOutcome.Completed.class);
    assertThat(waiting()).isEqualTo(1);
    assertThat(world.agent.answers()).hasSize(1);
  }

  @Test
  void isInterruptedByAClientAndStartsNothingElse() {
    var _ = world.started(key, "one");
    var _ = world.done(world.send(key, "two"));
    Asked<Boolean> closed = closed();
    assertThat(closed.isOpen()).isTrue();
    assertThat(world.done(world.hub().interrupt(key, null, false)).reply())
        .isInstanceOf(Reply.Interrupted.class);
    assertThat(closed.isOpen()).isFalse();
    assertThat(waiting()).isEqualTo(1);
    assertThat(world.agent.answers()).hasSize(1);
  }

  @Test
  void endsWhatRunsWithItsPartial() {
    var _ = world.started(key, "one");
    var _ = world.done(world.send(key, "two"));
    world.agent.last().text("half");
    world.loop.runUntilIdle();
    var _ = closed();
    Asked<Boolean> stopped = stopped();
    assertThat(stopped.isOpen()).isFalse();
    assertThat(world.agent.last().cancelled()).isTrue();
    assertThat(world.ended(key).outcome()).isEqualTo(new TurnOutcome.Interrupted("node stopped"));
    assertThat(world.ended(key).answer()).containsExactly(new MessagePart.Text("half"));
    assertThat(waiting()).isEqualTo(1);
  }

  @Test
  void goesOnWithTheQueueAtTheNextStart() {
    var _ = world.started(key, "one");
    var _ = world.done(world.send(key, "two"));
    var _ = closed();
    var _ = stopped();
    world.restart();
    world.hub().start(world.loop);
    world.loop.runUntilIdle();
    assertThat(world.agent.last().context().input().content()).isEqualTo("two");
    assertThat(waiting()).isZero();
  }

  @Test
  void leavesATurnToTheNextStartThatGoesOnThere() {
    world.agent.resumable = true;
    world.onCrash = OnCrash.CONTINUE;
    world.restart();
    TurnId turn = world.started(key, "one");
    world.agent.last().text("half ");
    world.loop.runUntilIdle();
    var _ = closed();
    assertThat(stopped().isOpen()).isFalse();
    assertThat(world.stored(key)).isInstanceOf(SessionState.Streaming.class);
    assertThat(world.ask(world.hub().drain().replaceWith(true)).isOpen()).isTrue();
    world.loop.runUntilIdle();
    world.restart();
    world.hub().start(world.loop);
    world.loop.runUntilIdle();
    world.agent.last().text("and half").finish();
    world.loop.runUntilIdle();
    assertThat(world.ended(key).turnId()).isEqualTo(turn);
    assertThat(world.ended(key).answer()).containsExactly(new MessagePart.Text("half and half"));
  }

  /// Whatever is under way when it comes: a commit, a look-up, an activation.
  @Test
  void neverStartsAnotherTurnWheneverItFalls() {
    for (int steps = 0; steps < STEPS_MAX; steps++) {
      HubWorld other = new HubWorld();
      SessionKey session = other.created("t");
      var _ = other.started(session, "one");
      Asked<Reply> queued = other.ask(other.send(session, "two"));
      Asked<Reply> interrupted = other.ask(other.hub().interrupt(session, null, false));
      for (int step = 0; step < steps; step++) {
        var _ = other.loop.step();
      }
      int begun = other.agent.answers().size();
      Asked<Boolean> closed = other.ask(other.hub().close().replaceWith(true));
      Asked<Boolean> stopped = other.ask(other.hub().stopTurns().replaceWith(true));
      other.loop.runUntilIdle();
      assertThat(closed.isOpen() || stopped.isOpen()).as("after %d steps", steps).isFalse();
      assertThat(queued.isOpen() || interrupted.isOpen()).as("after %d steps", steps).isFalse();
      // one whose start was being committed has begun
      assertThat(other.agent.answers()).as("after %d steps", steps).hasSizeLessThan(begun + 2);
      assertThat(other.stored(session))
          .as("after %d steps", steps)
          .isNotInstanceOf(SessionState.Streaming.class);
      other.check();
    }
  }

  private Asked<Boolean> closed() {
    Asked<Boolean> asked = world.ask(world.hub().close().replaceWith(true));
    world.loop.runUntilIdle();
    return asked;
  }

  private Asked<Boolean> stopped() {
    Asked<Boolean> asked = world.ask(world.hub().stopTurns().replaceWith(true));
    world.loop.runUntilIdle();
    return asked;
  }

  private int waiting() {
    return ((Present) world.stored(key)).core().queue().size();
  }
}
