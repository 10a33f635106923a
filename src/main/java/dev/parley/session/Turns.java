package dev.parley.session;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.FinishReason;
import dev.parley.content.JsonText;
import dev.parley.content.TurnOutput;
import dev.parley.content.Usage;
import dev.parley.session.Command.AgentDone;
import dev.parley.session.Command.AgentFailed;
import dev.parley.session.Command.AgentOutput;
import dev.parley.session.Command.Approve;
import dev.parley.session.Command.NewTurn;
import dev.parley.session.Command.Recover;
import dev.parley.session.Command.Regenerate;
import dev.parley.session.Command.Regenerate.Target;
import dev.parley.session.Decision.Checkpoint;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.SessionState.RunningTurn;
import dev.parley.session.SessionState.Streaming;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How turns begin, go on and end: what is recorded and what clients are told.
final class Turns {
  private final long outputBytesMax;
  private final Predicate<String> announces;

  /// @param outputBytesMax what one turn may say
  /// @param announces whether a webhook is called about completed turns of that agent
  Turns(long outputBytesMax, Predicate<String> announces) {
    this.outputBytesMax = outputBytesMax;
    this.announces = announces;
  }

  /// Starts the turn of a new message.
  void start(DecisionBuilder draft, UserMessage message, NewTurn newTurn, Instant at) {
    draft.happened(
        new Event.TurnStarted(newTurn.turnId(), newTurn.answerId(), message, at),
        opening(message, newTurn, at));
  }

  /// Starts the turn of the message at the head of the queue, if one waits.
  ///
  /// @param newTurn absent: none is to start
  void startNext(DecisionBuilder draft, @Nullable NewTurn newTurn, Instant at) {
    if (newTurn == null || draft.core().queue().isEmpty()) {
      return;
    }
    UserMessage message = draft.core().queue().getFirst().message();
    Frame[] frames =
        Stream.concat(
                Stream.of(new Frame.MessageDequeued(message.id(), Frame.DequeueReason.STARTED)),
                Stream.of(opening(message, newTurn, at)))
            .toArray(Frame[]::new);
    draft.happened(
        new Event.QueuedTurnStarted(newTurn.turnId(), newTurn.answerId(), message.id(), at),
        frames);
  }

  /// Discards what came after the target, and itself when it was edited, and starts a turn there.
  /// No turn is running.
  void regenerate(DecisionBuilder draft, Target target, Regenerate again) {
    NewTurn newTurn = again.newTurn();
    UserMessage edited = again.edited();
    boolean inclusive = edited != null;
    draft.checkpoint(new Checkpoint.None());
    draft.happened(
        new Event.MessagesDiscarded(
            target.message().id(),
            inclusive,
            inclusive ? target.ord() : target.ord() + 1,
            again.at()),
        new Frame.MessagesDiscarded(target.message().id(), inclusive));
    if (edited != null) {
      start(draft, edited, newTurn, again.at());
    } else {
      draft.happened(
          new Event.TurnRegenerated(
              newTurn.turnId(),
              newTurn.answerId(),
              target.message(),
              again.clientMessageId(),
              again.at()),
          opening(target.message(), newTurn, again.at()));
    }
  }

  private static Frame[] opening(UserMessage message, NewTurn newTurn, Instant at) {
    return new Frame[] {
      new Frame.UserMessage(message),
      new Frame.SessionStarted(newTurn.turnId(), message.id(), at),
      new Frame.StreamEvent(newTurn.turnId(), new ChatStreamEvent.Start(newTurn.answerId()))
    };
  }

  /// Answers the running turn's message again, after the loss of its node; what was said is
  /// discarded.
  void beginAnew(DecisionBuilder draft, Recover recover) {
    UserMessage message = draft.streaming().turn().message();
    NewTurn newTurn = recover.newTurn();
    interrupt(draft, TurnOutcome.Interrupted.NODE_LOST, true, recover.at());
    draft.happened(
        new Event.TurnRegenerated(
            newTurn.turnId(), newTurn.answerId(), message, null, recover.at()),
        opening(message, newTurn, recover.at()));
    draft.happened(new Event.TurnResumed(newTurn.turnId(), 0, recover.at()));
  }

  /// Answers a request for approval of the running turn. Whatever is answered afterwards, the first
  /// answer holds.
  static Decision approve(Streaming state, Approve approve) {
    DecisionBuilder draft = new DecisionBuilder(state);
    TurnOutput output = state.turn().output();
    ChatStreamEvent.ToolApprovalResponse earlier = output.approval(approve.approvalId());
    if (earlier != null) {
      return draft.decision(new Reply.Acknowledged(earlier.approved() == approve.approved()));
    }
    boolean asked =
        output.openApprovals().stream()
            .anyMatch(request -> request.approvalId().equals(approve.approvalId()));
    if (asked) {
      draft.said(
          new ChatStreamEvent.ToolApprovalResponse(
              approve.approvalId(), approve.approved(), approve.reason()));
    }
    return draft.decision(new Reply.Acknowledged(asked));
  }

  /// The running turn says more, or ends because it has said enough.
  Decision say(Streaming state, AgentOutput output) {
    DecisionBuilder draft = new DecisionBuilder(state);
    if (output.spent() != null && !output.spent().equals(state.turn().spent())) {
      draft.happened(new Event.TurnSpent(output.turnId(), output.spent(), output.at()));
    }
    for (ChatStreamEvent.Content content : output.said()) {
      long bytes = draft.streaming().turn().output().bytes() + TurnOutput.weight(content);
      if (bytes > outputBytesMax) {
        TurnOutcome full = new TurnOutcome.Completed(FinishReason.LENGTH);
        end(draft, full, false, Usage.NONE, null, output.at());
        startNext(draft, output.newTurn(), output.at());
        return draft.decision(new Reply.Done());
      }
      draft.said(content);
    }
    return draft.decision(new Reply.Done());
  }

  Decision complete(Streaming state, AgentDone done) {
    DecisionBuilder draft = new DecisionBuilder(state);
    end(
        draft,
        new TurnOutcome.Completed(done.finishReason()),
        false,
        done.usage(),
        done.model(),
        done.at());
    if (done.checkpoint() != null) {
      draft.checkpoint(new Checkpoint.Of(done.checkpoint()));
    }
    startNext(draft, done.newTurn(), done.at());
    return draft.decision(new Reply.Done());
  }

  Decision fail(Streaming state, AgentFailed failed) {
    DecisionBuilder draft = new DecisionBuilder(state);
    end(
        draft,
        new TurnOutcome.Failed(failed.code(), failed.message(), failed.retryable()),
        false,
        Usage.NONE,
        null,
        failed.at());
    startNext(draft, failed.newTurn(), failed.at());
    return draft.decision(new Reply.Done());
  }

  /// Stops the running turn and starts no other.
  void interrupt(DecisionBuilder draft, String reason, boolean discard, Instant at) {
    end(draft, new TurnOutcome.Interrupted(reason), discard, Usage.NONE, null, at);
  }

  private void end(
      DecisionBuilder draft,
      TurnOutcome outcome,
      boolean discard,
      Usage usage,
      @Nullable String model,
      Instant at) {
    RunningTurn turn = draft.streaming().turn();
    TurnId turnId = turn.turnId();
    Usage spent = usage.equals(Usage.NONE) ? turn.spent() : usage;
    List<ChatStreamEvent.Content> ends = turn.output().missingEnds();
    TurnOutput whole = turn.output();
    for (ChatStreamEvent.Content end : ends) {
      whole = whole.append(end);
    }
    Frame[] frames =
        Stream.concat(
                ends.stream().map(missing -> (Frame) new Frame.StreamEvent(turnId, missing)),
                Stream.of(
                    new Frame.StreamEvent(turnId, outcome.lastWord(spent)),
                    new Frame.SessionStopped(turnId, outcome, discard)))
            .toArray(Frame[]::new);
    Event.TurnEnded ended =
        new Event.TurnEnded(
            turnId, turn.answerId(), outcome, whole.parts(), discard, spent, model, at);
    draft.checkpoint(new Checkpoint.None());
    draft.happened(ended, frames);
    announce(draft, ended);
  }

  /// A completed turn that said something is announced, once.
  private void announce(DecisionBuilder draft, Event.TurnEnded ended) {
    if (ended.outcome() instanceof TurnOutcome.Completed
        && !ended.answer().isEmpty()
        && announces.test(draft.core().key().agentId())) {
      String turnId = ended.turnId().value();
      draft.causes(
          new Effect(
              "webhook-" + turnId,
              Effect.Kind.CALL_WEBHOOK,
              "turn-" + turnId,
              new JsonText(
                  "{\"turnId\":\"%s\",\"messageId\":\"%s\"}"
                      .formatted(turnId, ended.answerId().value()))));
    }
  }
}
