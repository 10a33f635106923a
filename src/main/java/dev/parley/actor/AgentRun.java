package dev.parley.actor;

import dev.parley.agent.AgentEvent;
import dev.parley.agent.AgentFailure;
import dev.parley.content.ChatStreamEvent;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.Delta;
import dev.parley.content.FinishReason;
import dev.parley.content.JsonText;
import dev.parley.content.TurnOutput;
import dev.parley.content.Usage;
import dev.parley.log.Failures;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.store.StoreUnavailableException;
import dev.parley.store.json.CanonicalJson;
import dev.parley.store.json.UnreadableException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Flow;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One agent at work on one turn: a bounded buffer between the agent, on whatever thread it emits,
/// and the actor, which takes what has gathered.
///
/// The agent is asked for as much as there is room for. Adjacent deltas of one part are joined when
/// they are taken, up to [Settings#joinedBytesMax], and larger ones are split. An agent that says
/// nothing while it is wanted to is given up after [Settings#silenceMax]; while somebody has to
/// agree to what it does, that clock stands still.
final class AgentRun implements MultiSubscriber<AgentEvent> {
  private static final FieldLog LOG = FieldLog.of(AgentRun.class);

  private final TurnId turnId;
  private final Fields about;
  private final EventLoop loop;
  private final Settings settings;
  private final Runnable wake;

  private final Object lock = new Object();
  // Guarded by the lock.
  private final Deque<Content> buffer = new ArrayDeque<>();
  private Flow.@Nullable Subscription agent;
  private @Nullable End end;
  private boolean stopped;
  private boolean woken;
  private int wanted;
  private long saidBytes;

  /// The beginning of a character whose end may come with the next delta. Takes no place in the
  /// buffer: the agent has to go on for it to be taken.
  private @Nullable Delta half;

  private long lastWordNanos;

  /// What the turn has cost, when that was told since the last time.
  private @Nullable Usage spent;

  /// What waits for all that came before to be durable, since the last time.
  private final List<Runnable> fences = new ArrayList<>();

  /// What somebody has to agree to before the agent goes on.
  private final Set<String> approvals = new HashSet<>();

  /// When the oldest event in the buffer came.
  private long oldestNanos;

  private EventLoop.@Nullable Timer silence;

  /// @param bufferMax events between agent and actor
  /// @param frameBytesMax bytes of text in one frame
  /// @param joinedBytesMax bytes up to which deltas are joined; 0: they are not
  /// @param outputBytesMax bytes after which an agent is not listened to any more: the turn ends
  ///   there
  /// @param silenceMax how long an agent may say nothing while it is wanted to
  record Settings(
      int bufferMax,
      int frameBytesMax,
      int joinedBytesMax,
      long outputBytesMax,
      Duration silenceMax) {

    /// The same for an agent that may be silent for another time.
    Settings withSilenceMax(Duration silenceMax) {
      return new Settings(bufferMax, frameBytesMax, joinedBytesMax, outputBytesMax, silenceMax);
    }
  }

  /// How an agent came to its end.
  sealed interface End {
    record Done(
        FinishReason reason, Usage usage, @Nullable String model, @Nullable JsonText checkpoint)
        implements End {}

    record Failed(Refusal.Code code, String message, boolean retryable) implements End {}
  }

  /// @param session whose turn it is
  /// @param wake called, on any thread, when there is something to take after there was nothing
  AgentRun(SessionKey session, TurnId turnId, EventLoop loop, Settings settings, Runnable wake) {
    this.turnId = turnId;
    this.about = Fields.ofSession(session.toString()).withTurn(turnId.value());
    this.loop = loop;
    this.settings = settings;
    this.wake = wake;
  }

  TurnId turnId() {
    return turnId;
  }

  /// Starts the agent. On the loop.
  void start(Supplier<Multi<AgentEvent>> answer) {
    lastWordNanos = loop.nanoTime();
    try {
      silence = loop.schedule(settings.silenceMax(), this::listen);
      answer.get().subscribe().withSubscriber(this);
    } catch (RuntimeException failure) {
      onFailure(failure);
    }
  }

  /// Stops the agent at once; what it says from now on is not heard. Idempotent. On the loop.
  void cancel() {
    Flow.Subscription running;
    synchronized (lock) {
      stopped = true;
      buffer.clear();
      fences.clear();
      half = null;
      running = agent;
    }
    if (silence != null) {
      silence.cancel();
    }
    if (running != null) {
      running.cancel();
    }
  }

  /// Stops the agent and lets the turn fail so. On the loop.
  void fail(End.Failed failure) {
    cancel();
    synchronized (lock) {
      end = failure;
    }
  }

  /// What was said.
  ///
  /// @param spent what the turn has cost so far; absent: nothing new is known
  /// @param fences what is to run when all of it is durable
  /// @param sinceNanos when the oldest of it came, on the loop's clock
  record Taken(List<Content> said, @Nullable Usage spent, List<Runnable> fences, long sinceNanos) {}

  /// The agent waits for somebody to agree: it cannot be expected to speak.
  void waitsFor(String approvalId) {
    synchronized (lock) {
      approvals.add(approvalId);
    }
  }

  /// Somebody has, or has not.
  void answered(String approvalId) {
    synchronized (lock) {
      if (approvals.remove(approvalId)) {
        lastWordNanos = loop.nanoTime();
      }
    }
  }

  /// Everything that was said since the last time, and asks for as much again. On the loop.
  Taken take() {
    List<Content> said = new ArrayList<>();
    int taken;
    long sinceNanos;
    Usage cost;
    List<Runnable> passing;
    Flow.Subscription running;
    synchronized (lock) {
      woken = false;
      sinceNanos = oldestNanos;
      cost = spent;
      spent = null;
      passing = List.copyOf(fences);
      fences.clear();
      taken = buffer.size() + passing.size();
      if (half != null) {
        buffer.addFirst(half);
        half = null;
      }
      Joins.join(buffer, settings, said);
      Content last = said.isEmpty() ? null : said.getLast();
      if (end == null && last instanceof Delta delta && Joins.endsInHalf(delta.text())) {
        said.removeLast();
        String text = delta.text();
        half = delta.withText(text.substring(text.length() - 1));
        if (text.length() > 1) {
          said.add(delta.withText(text.substring(0, text.length() - 1)));
        }
      }
      running = stopped ? null : agent;
      if (wanted == 0) {
        lastWordNanos = loop.nanoTime();
      }
      wanted += taken;
    }
    if (running != null && taken > 0) {
      running.request(taken);
    }
    return new Taken(said.stream().map(Joins::wellFormed).toList(), cost, passing, sinceNanos);
  }

  /// The agent's end, once everything before it has been taken. On the loop.
  @Nullable End end() {
    synchronized (lock) {
      return buffer.isEmpty() && half == null && spent == null ? end : null;
    }
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    boolean late;
    synchronized (lock) {
      late = stopped;
      agent = subscription;
      wanted = settings.bufferMax();
    }
    if (late) {
      subscription.cancel();
    } else {
      subscription.request(settings.bufferMax());
    }
  }

  @Override
  public void onItem(AgentEvent event) {
    switch (event) {
      case AgentEvent.Said said -> {
        try {
          hear(Joins.storable(said.content()));
        } catch (UnreadableException notJson) {
          onFailure(notJson);
        }
      }
      case AgentEvent.Spent costs -> spent(costs.usage());
      case AgentEvent.Fence fence -> fence(fence.passed());
      case AgentEvent.Finished finished -> finished(finished);
    }
  }

  /// Takes no place in the buffer.
  private void spent(Usage usage) {
    Flow.Subscription running;
    synchronized (lock) {
      if (stopped || end != null) {
        return;
      }
      spent = usage;
      running = agent;
    }
    if (running != null) {
      running.request(1);
    }
    wake();
  }

  private void fence(Runnable passed) {
    boolean flooded;
    synchronized (lock) {
      if (stopped || end != null) {
        return;
      }
      flooded = --wanted < 0;
      fences.add(() -> pass(passed));
    }
    if (flooded) {
      flooded();
    } else {
      wake();
    }
  }

  private void pass(Runnable passed) {
    try {
      passed.run();
    } catch (RuntimeException failure) {
      onFailure(failure);
    }
  }

  private void finished(AgentEvent.Finished finished) {
    try {
      JsonText checkpoint =
          finished.checkpoint() == null ? null : CanonicalJson.of(finished.checkpoint().text());
      ended(new End.Done(finished.reason(), finished.usage(), finished.model(), checkpoint));
    } catch (UnreadableException notJson) {
      onFailure(notJson);
    }
  }

  @Override
  public void onFailure(Throwable failure) {
    if (failure instanceof AgentFailure told) {
      ended(new End.Failed(told.code(), told.told(), told.retryable()));
      return;
    }
    if (failure instanceof StoreUnavailableException) {
      LOG.warnf(about, "The store is away from the agent, the turn ends with an error");
      ended(new End.Failed(Refusal.Code.UNAVAILABLE, "The store was away from the agent.", true));
      return;
    }
    LOG.errorf(
        about, "The agent failed with %s, the turn ends with an error", Failures.named(failure));
    LOG.debugf(about, failure, "The agent's failure");
    ended(new End.Failed(Refusal.Code.AGENT_ERROR, "The agent failed.", false));
  }

  @Override
  public void onCompletion() {
    ended(new End.Done(FinishReason.STOP, Usage.NONE, null, null));
  }

  private void hear(Content content) {
    Flow.Subscription running;
    boolean silent = content instanceof Delta delta && delta.text().isEmpty();
    boolean flooded;
    boolean full;
    synchronized (lock) {
      if (stopped || end != null) {
        return;
      }
      running = agent;
      lastWordNanos = loop.nanoTime();
      flooded = !silent && --wanted < 0;
      full = saidBytes > settings.outputBytesMax();
      if (!silent && !flooded && !full) {
        if (buffer.isEmpty()) {
          oldestNanos = lastWordNanos;
        }
        if (content instanceof ChatStreamEvent.ToolApprovalRequest request) {
          approvals.add(request.approvalId());
        }
        saidBytes += TurnOutput.weight(content);
        buffer.add(content);
      }
    }
    if (flooded) {
      flooded();
    } else if (full) {
      ended(new End.Done(FinishReason.LENGTH, Usage.NONE, null, null));
    } else if (silent && running != null) {
      running.request(1);
    } else {
      wake();
    }
  }

  private void flooded() {
    LOG.errorf(about, "The agent ignores demand, the turn ends with an error");
    ended(new End.Failed(Refusal.Code.AGENT_ERROR, "The agent failed.", false));
  }

  private void ended(End how) {
    Flow.Subscription running = null;
    synchronized (lock) {
      if (stopped || end != null) {
        return;
      }
      end = how;
      running = agent;
    }
    if (running != null) {
      running.cancel();
    }
    wake();
  }

  private void wake() {
    synchronized (lock) {
      if (woken) {
        return;
      }
      woken = true;
    }
    wake.run();
  }

  /// Whether the agent has been silent for too long while it was wanted to speak.
  private void listen() {
    long quietNanos;
    synchronized (lock) {
      if (stopped || end != null) {
        return;
      }
      if (wanted == 0 || !approvals.isEmpty()) {
        lastWordNanos = loop.nanoTime();
      }
      quietNanos = loop.nanoTime() - lastWordNanos;
    }
    Duration left = settings.silenceMax().minusNanos(quietNanos);
    if (left.isPositive()) {
      silence = loop.schedule(left, this::listen);
    } else {
      ended(
          new End.Failed(
              Refusal.Code.AGENT_ERROR,
              "The agent said nothing for " + settings.silenceMax().toMillis() + " ms.",
              true));
    }
  }
}
