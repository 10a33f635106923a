package dev.parley.actor;

import dev.parley.agent.Agent;
import dev.parley.agent.AgentContext;
import dev.parley.agent.AgentEvent;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.ChatStreamEvent.TextStart;
import dev.parley.content.FinishReason;
import dev.parley.content.JsonText;
import dev.parley.content.TurnOutput;
import dev.parley.content.Usage;
import dev.parley.session.UserMessage;
import io.smallrye.mutiny.Multi;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// An agent that says what the test says, when it says so: in demand or not, stopped or not.
public final class ScriptedAgent implements Agent {
  private final List<Answer> answers = new ArrayList<>();
  private final List<TurnOutput> resumed = new ArrayList<>();
  private Function<Answer, Multi<AgentEvent>> style =
      answer -> Multi.createFrom().publisher(answer);

  /// One turn's answer, spoken by hand.
  public static final class Answer implements Flow.Publisher<AgentEvent>, Flow.Subscription {
    private final AgentContext context;
    private Flow.@Nullable Subscriber<? super AgentEvent> listener;
    private long requested;
    private boolean cancelled;

    public Answer(AgentContext context) {
      this.context = context;
    }

    public AgentContext context() {
      return context;
    }

    /// All that was ever asked for.
    public long requested() {
      return requested;
    }

    public boolean cancelled() {
      return cancelled;
    }

    public Answer begin() {
      return say(new TextStart("1"));
    }

    public Answer text(String delta) {
      return say(new TextDelta("1", delta));
    }

    public Answer say(Content content) {
      listener().onNext(new AgentEvent.Said(content));
      return this;
    }

    /// Tells what the turn has cost so far.
    Answer spent(Usage usage) {
      listener().onNext(new AgentEvent.Spent(usage));
      return this;
    }

    /// Wants to know when all of that is durable.
    Answer fence(Runnable passed) {
      listener().onNext(new AgentEvent.Fence(passed));
      return this;
    }

    public void finish() {
      finish(null);
    }

    public void finish(@Nullable String model) {
      listener().onNext(new AgentEvent.Finished(FinishReason.STOP, Usage.of(1, 2), model, null));
    }

    /// Ends and keeps something for the next turn.
    void finishKeeping(String json) {
      listener()
          .onNext(
              new AgentEvent.Finished(FinishReason.STOP, Usage.of(1, 2), null, new JsonText(json)));
    }

    public void fail(Throwable failure) {
      listener().onError(failure);
    }

    public void complete() {
      listener().onComplete();
    }

    @Override
    public void subscribe(Flow.Subscriber<? super AgentEvent> subscriber) {
      listener = subscriber;
      subscriber.onSubscribe(this);
    }

    @Override
    public void request(long n) {
      requested += n;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    private Flow.Subscriber<? super AgentEvent> listener() {
      if (listener == null) {
        throw new AssertionError("nobody listens to this agent");
      }
      return listener;
    }
  }

  /// From now on turns are answered so.
  void answering(Function<Answer, Multi<AgentEvent>> style) {
    this.style = style;
  }

  @Override
  public Multi<AgentEvent> answer(AgentContext context) {
    Answer answer = new Answer(context);
    answers.add(answer);
    return style.apply(answer);
  }

  /// Whether answers that were cut off can be gone on with.
  boolean resumable;

  @Override
  public boolean canResume(UserMessage input, TurnOutput said) {
    return resumable;
  }

  @Override
  public Multi<AgentEvent> resume(AgentContext context, TurnOutput said) {
    resumed.add(said);
    return answer(context);
  }

  /// What had been said of the answers that were gone on with.
  List<TurnOutput> resumed() {
    return List.copyOf(resumed);
  }

  /// Every turn so far, oldest first.
  List<Answer> answers() {
    return List.copyOf(answers);
  }

  Answer last() {
    return answers.getLast();
  }
}
