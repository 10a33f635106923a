package dev.parley.actor;

import dev.parley.agent.Agent;
import dev.parley.agent.AgentContext;
import dev.parley.agent.Agents.Hosted;
import dev.parley.agent.Agents.OnCrash;
import dev.parley.content.JsonText;
import dev.parley.loop.EventLoop;
import dev.parley.session.Command;
import dev.parley.session.Command.NewTurn;
import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.RunningTurn;
import dev.parley.session.SessionState.Streaming;
import dev.parley.session.TurnId;
import io.smallrye.mutiny.Uni;
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

  /// Whether there is a turn that goes on once its node is lost, in the way that is configured for
  /// its agent.
  boolean goesOn(SessionState state) {
    return state instanceof Streaming streaming && goesOn(streaming.turn());
  }

  private boolean goesOn(RunningTurn turn) {
    Hosted hosted = world.agents().find(key.agentId());
    return hosted != null
        && hosted.onCrash() == OnCrash.CONTINUE
        && (turn.output().isEmpty() || hosted.agent().canResume(turn.message(), turn.output()));
  }

  /// @param checkpoint what the agent kept for itself
  void start(RunningTurn turn, @Nullable JsonText checkpoint) {
    AgentRun started =
        new AgentRun(key, turn.turnId(), loop, settings.run(), () -> loop.execute(wake));
    run = started;
    Hosted hosted = world.agents().find(key.agentId());
    if (hosted == null) {
      started.fail(
          new AgentRun.End.Failed(
              Refusal.Code.AGENT_UNKNOWN, "This node runs no agent of that name.", true));
      return;
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
            loop);
    Agent agent = hosted.agent();
    started.start(() ->
        turn.output().isEmpty() ? agent.answer(context) : agent.resume(context, turn.output()));
  }

  /// Decides what the agent has said since the last time.
  void hear(Draft draft) {
    if (run == null) {
      return;
    }
    AgentRun.Taken taken = run.take();
    if (!taken.said().isEmpty()) {
      draft.waitsSince(taken.sinceNanos());
      NewTurn following = next == null || world.isClosing() ? world.following() : next;
      draft.decide(new Command.AgentOutput(run.turnId(), taken.said(), following, loop.now()));
      next = draft.events().isEmpty() ? following : null;
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
  }

  static boolean isRunning(SessionState state, TurnId turnId) {
    return state instanceof Streaming streaming && streaming.turn().turnId().equals(turnId);
  }
}
