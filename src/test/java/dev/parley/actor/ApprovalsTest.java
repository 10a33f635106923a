package dev.parley.actor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.agent.AgentEvent;
import dev.parley.agent.AgentFailure;
import dev.parley.agent.Agents.OnCrash;
import dev.parley.agent.Approvals.Approval;
import dev.parley.content.ChatStreamEvent;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.ToolApprovalRequest;
import dev.parley.content.ChatStreamEvent.ToolApprovalResponse;
import dev.parley.content.ChatStreamEvent.ToolInputAvailable;
import dev.parley.content.ChatStreamEvent.ToolOutputDenied;
import dev.parley.content.JsonText;
import dev.parley.content.MessagePart;
import dev.parley.content.MessagePart.ToolState;
import dev.parley.content.Usage;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Frame;
import dev.parley.session.Refusal;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Present;
import dev.parley.session.TurnId;
import io.smallrye.mutiny.Multi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a turn asks people, what they answer, and what it has cost when it is stopped.
class ApprovalsTest {
  private static final ToolApprovalRequest REQUEST = new ToolApprovalRequest("a1", "c1", "pay");

  private final HubWorld world = new HubWorld();
  private final SessionKey key = world.created("t");
  private final List<Approval> answers = new ArrayList<>();

  @AfterEach
  void whatIsStoredIsWhatWasAnswered() {
    world.check();
  }

  @Test
  void tellsTheAgentOnceTheAnswerIsDurable() {
    ask();
    world.hold();
    HubWorld.Asked<Reply> reply = world.done(world.hub().respond(key, "a1", true, "fine"));
    assertThat(answers).isEmpty();
    world.release();
    world.loop.runUntilIdle();
    assertThat(reply.reply()).isEqualTo(new Reply.Acknowledged(true));
    assertThat(answers).containsExactly(new Approval(true, "fine"));
    assertThat(said()).endsWith(new ToolApprovalResponse("a1", true, "fine"));
    world.agent.last().text("paid").finish();
    world.loop.runUntilIdle();
    assertThat(world.ended(key).outcome()).isInstanceOf(TurnOutcome.Completed.class);
  }

  @Test
  void letsTheFirstAnswerHold() {
    ask();
    assertAcknowledged("other", true, false);
    assertAcknowledged("a1", false, true);
    assertAcknowledged("a1", true, false);
    assertAcknowledged("a1", false, true);
    assertThat(answers).containsExactly(new Approval(false, null));
    assertThat(said()).filteredOn(ToolApprovalResponse.class::isInstance).hasSize(1);
    world.agent.last().finish();
    world.loop.runUntilIdle();
    assertAcknowledged("a1", false, false);
  }

  @Test
  void doesNotExpectWordsWhileSomebodyHasToAgree() {
    ask();
    world.loop.advance(HubWorld.APPROVAL_WAIT.minusSeconds(1));
    assertThat(world.stored(key)).isInstanceOf(SessionState.Streaming.class);
    assertAcknowledged("a1", true, true);
    world.loop.advance(HubWorld.SILENCE.minusMillis(1));
    assertThat(world.stored(key)).isInstanceOf(SessionState.Streaming.class);
    world.loop.advance(Duration.ofMillis(1));
    assertThat(world.ended(key).outcome())
        .isInstanceOfSatisfying(
            TurnOutcome.Failed.class,
            failed -> assertThat(failed.code()).isEqualTo(Refusal.Code.AGENT_ERROR));
  }

  @Test
  void refusesWhatNobodyAnswersInTime() {
    ask();
    world.loop.advance(HubWorld.APPROVAL_WAIT);
    assertThat(answers).containsExactly(new Approval(false, "Nobody answered in time."));
    assertThat(said()).endsWith(new ToolApprovalResponse("a1", false, "Nobody answered in time."));
    assertAcknowledged("a1", true, false);
  }

  @Test
  void refusesWhatIsOpenWhenTheTurnIsStopped() {
    ask();
    var _ = world.done(world.hub().interrupt(key, null, false));
    assertThat(answers).isEmpty();
    assertThat(said())
        .endsWith(new ToolApprovalResponse("a1", false, null), new ToolOutputDenied("c1"));
    assertThat(world.ended(key).answer())
        .last()
        .isInstanceOfSatisfying(
            MessagePart.Tool.class,
            tool -> assertThat(tool.state()).isEqualTo(ToolState.OUTPUT_DENIED));
    world.loop.advance(HubWorld.APPROVAL_WAIT);
    assertThat(world.stored(key)).isInstanceOf(SessionState.Idle.class);
  }

  @Test
  void waitsOnWhereTheTurnOutlivesItsNode() {
    world.agent.resumable = true;
    ask();
    world.onCrash = OnCrash.CONTINUE;
    world.restart();
    world.hub().start(world.loop);
    world.loop.runUntilIdle();
    assertThat(world.agent.resumed().getFirst().openApprovals()).containsExactly(REQUEST);
    listen();
    world.loop.advance(HubWorld.SILENCE.multipliedBy(2));
    assertAcknowledged("a1", true, true);
    assertThat(answers).containsExactly(new Approval(true, null));
    world.agent.last().finish();
    world.loop.runUntilIdle();
    assertThat(world.ended(key).outcome()).isInstanceOf(TurnOutcome.Completed.class);
  }

  @Test
  void waitsOnHoweverOftenTheNodeIsLost() {
    world.agent.resumable = true;
    ask();
    world.onCrash = OnCrash.CONTINUE;
    for (int losses = 0; losses < 3; losses++) {
      world.restart();
      world.hub().start(world.loop);
      world.loop.runUntilIdle();
    }
    listen();
    assertAcknowledged("a1", true, true);
    assertThat(answers).containsExactly(new Approval(true, null));
    world.agent.last().finish();
    world.loop.runUntilIdle();
    assertThat(world.ended(key).outcome()).isInstanceOf(TurnOutcome.Completed.class);
  }

  @Test
  void countsWhatAStoppedTurnHasCost() {
    var _ = world.started(key, "hello");
    world.agent.last().text("a").spent(Usage.of(10, 1)).spent(Usage.of(30, 2));
    world.loop.runUntilIdle();
    var _ = world.done(world.hub().interrupt(key, null, false));
    assertThat(world.ended(key).usage()).isEqualTo(Usage.of(30, 2));
    var _ = world.started(key, "again");
    assertThat(world.agent.last().context().spent()).isEqualTo(Usage.of(30, 2));
    world.agent.last().spent(Usage.of(100, 100)).finish();
    world.loop.runUntilIdle();
    assertThat(world.ended(key).usage()).as("the end knows better").isEqualTo(Usage.of(1, 2));
    assertThat(((Present) world.stored(key)).core().usage()).isEqualTo(Usage.of(31, 4));
  }

  @Test
  void letsTheAgentGoOnOnceWhatItHasSaidIsDurable() {
    var _ = world.started(key, "hello");
    List<String> passed = new ArrayList<>();
    world.hold();
    world.agent.last().text("a").spent(Usage.of(10, 1)).fence(() -> passed.add("first"));
    world.loop.runUntilIdle();
    world.agent.last().text("b").spent(Usage.of(20, 2)).fence(() -> passed.add("second"));
    world.loop.runUntilIdle();
    assertThat(passed).isEmpty();
    world.release();
    world.loop.runUntilIdle();
    assertThat(passed).containsExactly("first", "second");
    world
        .agent
        .last()
        .fence(() -> {
          passed.add("third");
          world.agent.last().fence(() -> passed.add("fourth"));
        });
    world.loop.runUntilIdle();
    assertThat(passed).as("nothing is to be stored").endsWith("third", "fourth");
    world.agent.last().finish();
    world.loop.runUntilIdle();
  }

  @Test
  void tellsOfNothingDurableAfterTheTurn() {
    var _ = world.started(key, "hello");
    List<String> passed = new ArrayList<>();
    world.hold();
    world.agent.last().text("a");
    world.loop.runUntilIdle();
    HubWorld.Asked<Reply> stopped = world.done(world.hub().interrupt(key, null, false));
    world.agent.last().text("b").fence(() -> passed.add("never"));
    world.release();
    world.loop.runUntilIdle();
    assertThat(stopped.reply()).isNotNull();
    assertThat(passed).isEmpty();
  }

  @Test
  void hearsWhatATurnHasCostBeforeItHearsOfItsEnd() {
    AgentRun run =
        new AgentRun(
            key,
            new TurnId("turn"),
            world.loop,
            new AgentRun.Settings(4, 100, 100, 1000, HubWorld.SILENCE),
            () -> {});
    run.start(() -> Multi.createFrom().nothing());
    // as from another thread, after what there was has been taken
    run.onItem(new AgentEvent.Spent(Usage.of(10, 1)));
    run.onFailure(new AgentFailure(Refusal.Code.AGENT_ERROR, "broken", false));
    assertThat(run.end()).isNull();
    assertThat(run.take().spent()).isEqualTo(Usage.of(10, 1));
    assertThat(run.end()).isNotNull();
    run.cancel();
  }

  @Test
  void knowsWhatATurnHasCostAfterALoss() {
    var _ = world.started(key, "hello");
    world.agent.last().spent(Usage.of(10, 1));
    world.loop.runUntilIdle();
    world.onCrash = OnCrash.INTERRUPT;
    world.restart();
    world.hub().start(world.loop);
    world.loop.runUntilIdle();
    assertThat(world.ended(key).usage()).isEqualTo(Usage.of(10, 1));
  }

  /// A turn that asks whether it may use a tool.
  private void ask() {
    var _ = world.started(key, "pay");
    world.agent.last().say(new ToolInputAvailable("c1", "pay", new JsonText("{}"))).say(REQUEST);
    listen();
    world.loop.runUntilIdle();
  }

  private void listen() {
    world.agent.last().context().approvals().of("a1").subscribe().with(answers::add);
  }

  private void assertAcknowledged(String approvalId, boolean approved, boolean acknowledged) {
    assertThat(world.done(world.hub().respond(key, approvalId, approved, null)).reply())
        .isEqualTo(new Reply.Acknowledged(acknowledged));
  }

  private List<Content> said() {
    return world.frames(key).stream()
        .map(ApprovalsTest::content)
        .filter(content -> content != null)
        .toList();
  }

  private static @Nullable Content content(Frame frame) {
    return frame instanceof Frame.StreamEvent(var _, ChatStreamEvent event)
            && event instanceof Content content
        ? content
        : null;
  }
}
