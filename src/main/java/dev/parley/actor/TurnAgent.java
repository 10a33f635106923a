package dev.parley.actor;

import dev.parley.agent.Agent;
import dev.parley.agent.AgentContext;
import dev.parley.agent.Agents.Hosted;
import dev.parley.content.ChatStreamEvent.ToolApprovalRequest;
import dev.parley.content.ChatStreamEvent.ToolApprovalResponse;
import dev.parley.content.JsonText;
import dev.parley.loop.EventLoop;
import dev.parley.session.Command;
import dev.parley.session.Command.Cut;
import dev.parley.session.Command.NewTurn;
import dev.parley.session.Decision.NumberedFrame;
import dev.parley.session.Frame;
import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.RunningTurn;
import dev.parley.session.SessionState.Streaming;
import dev.parley.session.TurnId;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The agent of a session's running turn, as long as there is one: started with the turn, put into
/// commands, stopped when its turn is over. On the session's loop.
final class TurnAgent {
  private final SessionKey key;
  private final long sid;
  private final World world;
  private final EventLoop loop;
  private final ActorSettings settings;
  private final Runnable wake;
  private @Nullable AgentRun run;
  private @Nullable TurnApprovals approvals;

  /// What the agent does once all that was decided of its words is durable.
  private final List<Runnable> fences = new ArrayList<>();

  /// For a turn that may follow; the same is offered until something has happened that may have
  /// used it.
  private @Nullable NewTurn next;

  /// @param wake runs on the loop when the agent has something to say
  TurnAgent(
      SessionKey key,
      long sid,
      World world,
      EventLoop loop,
      ActorSettings settings,
      Runnable wake) {
    this.key = key;
    this.sid = sid;
    this.world = world;
    this.loop = loop;
    this.settings = settings;
    this.wake = wake;
  }

  boolean isWorking() {
    return run != null;
  }

  /// Whether there is a turn that does not end once its node is lost.
  boolean outlives(SessionState state) {
    return cut(state) != Cut.ENDS;
  }

  /// What becomes of the turn that runs once its node is lost, in the way that is configured for
  /// its agent.
  Cut cut(SessionState state) {
    Hosted hosted = world.agents().find(key.agentId());
    if (hosted == null || !(state instanceof Streaming streaming)) {
      return Cut.ENDS;
    }
    RunningTurn turn = streaming.turn();
    return switch (hosted.onCrash()) {
      case INTERRUPT -> Cut.ENDS;
      case CONTINUE ->
          turn.output().isEmpty() || hosted.agent().canResume(turn.message(), turn.output())
              ? Cut.GOES_ON
              : Cut.ENDS;
      case RESTART -> turn.wasResumed() ? Cut.ENDS : Cut.BEGINS_ANEW;
    };
  }

  /// @param checkpoint what the agent kept for itself
  void start(Streaming state, @Nullable JsonText checkpoint) {
    RunningTurn turn = state.turn();
    Hosted hosted = world.agents().find(key.agentId());
    AgentRun.Settings bounds =
        hosted == null || hosted.timeout() == null
            ? settings.run()
            : settings.run().withSilenceMax(hosted.timeout());
    AgentRun started = new AgentRun(key, turn.turnId(), loop, bounds, () -> loop.execute(wake));
    run = started;
    if (hosted == null) {
      started.fail(
          new AgentRun.End.Failed(
              Refusal.Code.AGENT_UNKNOWN, "This node runs no agent of that name.", true));
      return;
    }
    TurnApprovals asked =
        new TurnApprovals(loop, settings.approvalWait(), () -> loop.execute(wake));
    approvals = asked;
    for (ToolApprovalRequest request : turn.output().openApprovals()) {
      started.waitsFor(request.approvalId());
      asked.requested(request.approvalId());
    }
    AgentContext context =
        new AgentContext(
            key,
            turn.turnId(),
            turn.message(),
            Uni.createFrom()
                .deferred(() ->
                    world
                        .store()
                        .history(sid, settings.historyMessagesMax(), settings.historyBytesMax()))
                .map(messages ->
                    messages.stream().filter(m -> !m.id().equals(turn.message().id())).toList())
                .emitOn(loop),
            checkpoint,
            state.core().usage(),
            turn.spent(),
            asked,
            loop);
    Agent agent = hosted.agent();
    started.start(() ->
        turn.output().isEmpty() ? agent.answer(context) : agent.resume(context, turn.output()));
  }

  /// What was decided has become durable: requests for approval wait from now on, and answers reach
  /// the agent, which may go on where it has waited for that.
  void committed(Draft draft) {
    if (run == null || approvals == null) {
      return;
    }
    for (NumberedFrame numbered : draft.frames()) {
      if (numbered.frame() instanceof Frame.StreamEvent(var turnId, var event)
          && turnId.equals(run.turnId())) {
        if (event instanceof ToolApprovalRequest request) {
          approvals.requested(request.approvalId());
        } else if (event instanceof ToolApprovalResponse response) {
          run.answered(response.approvalId());
          approvals.answered(response);
        }
      }
    }
    pass();
  }

  private void pass() {
    List<Runnable> passed = List.copyOf(fences);
    fences.clear();
    passed.forEach(Runnable::run);
  }

  /// Decides what the agent has said since the last time.
  void hear(Draft draft) {
    if (run == null) {
      return;
    }
    AgentRun.Taken taken = run.take();
    if (!taken.said().isEmpty() || taken.spent() != null) {
      if (!taken.said().isEmpty()) {
        draft.waitsSince(taken.sinceNanos());
      }
      NewTurn following = next == null || world.isClosing() ? world.following() : next;
      draft.decide(
          new Command.AgentOutput(
              run.turnId(), taken.said(), taken.spent(), following, loop.now()));
      next = draft.events().isEmpty() ? following : null;
    }
    fences.addAll(taken.fences());
    if (draft.isEmpty()) {
      pass();
    }
    if (approvals != null) {
      approvals.refusals().forEach(draft::decide);
    }
  }

  /// Decides the agent's end, if it came to one and has been heard out.
  void end(Draft draft) {
    AgentRun.End end = run == null ? null : run.end();
    if (run == null || end == null) {
      return;
    }
    TurnId turnId = run.turnId();
    draft.decide(
        switch (end) {
          case AgentRun.End.Done done ->
              new Command.AgentDone(
                  turnId,
                  done.reason(),
                  done.usage(),
                  done.model(),
                  done.checkpoint(),
                  world.following(),
                  loop.now());
          case AgentRun.End.Failed failed ->
              new Command.AgentFailed(
                  turnId,
                  failed.code(),
                  failed.message(),
                  failed.retryable(),
                  world.following(),
                  loop.now());
        });
  }

  /// An agent whose turn is over in this state works for nobody.
  void stopUnlessRunning(SessionState state) {
    if (run != null && !isRunning(state, run.turnId())) {
      stop();
    }
  }

  /// Stops the agent at once, if there is one.
  void stop() {
    if (run != null) {
      run.cancel();
      run = null;
    }
    fences.clear();
    if (approvals != null) {
      approvals.close();
      approvals = null;
    }
  }

  static boolean isRunning(SessionState state, TurnId turnId) {
    return state instanceof Streaming streaming && streaming.turn().turnId().equals(turnId);
  }
}
