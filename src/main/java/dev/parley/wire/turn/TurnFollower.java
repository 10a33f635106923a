package dev.parley.wire.turn;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.MessageId;
import dev.parley.content.PartEvents;
import dev.parley.effect.Delivery;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Frame;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionState;
import dev.parley.session.TurnId;
import dev.parley.store.page.EndedTurn;
import dev.parley.store.page.TurnPlace;
import dev.parley.wire.Defects;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Tells one turn to one listener. Everything is called on one context.
public final class TurnFollower {
  /// How often a turn may start just between two looks.
  private static final int LOOKS_MAX = 3;

  /// Who is told, on the follower's context.
  public interface Listener {

    /// What was said next, at least one event, adjacent deltas joined; the first of all is the
    /// answer's [ChatStreamEvent.Start].
    ///
    /// @param taken to be run once these were passed on; nothing more comes before
    void said(List<ChatStreamEvent> events, Runnable taken);

    void ended(TurnEnd end);
  }

  private final TurnSource source;
  private final MessageId message;
  private final Executor context;
  private final Listener listener;
  private @Nullable TurnId turn;
  private @Nullable Reading reading;

  /// The turn's beginning was told.
  private boolean begun;

  private int looks;
  private boolean over;

  TurnFollower(
      TurnSource source,
      MessageId message,
      @Nullable TurnId turn,
      Executor context,
      Listener listener) {
    this.source = source;
    this.message = message;
    this.turn = turn;
    this.context = context;
    this.listener = listener;
  }

  /// The message whose turn is followed.
  public MessageId message() {
    return message;
  }

  /// Begins; once.
  public void start() {
    look();
  }

  /// Ends without another word. The turn goes on.
  public void cancel() {
    over = true;
    stopReading();
  }

  private void look() {
    stopReading();
    if (++looks > LOOKS_MAX) {
      end(new TurnEnd.Refused(Refusal.unavailable()));
      return;
    }
    Reading next = new Reading();
    reading = next;
    source.subscribe().subscribe().withSubscriber(next);
  }

  private void stopReading() {
    Reading last = reading;
    reading = null;
    if (last != null) {
      last.cancel();
    }
  }

  private void end(TurnEnd end) {
    if (!over) {
      cancel();
      listener.ended(end);
    }
  }

  private void failed(Throwable failure) {
    if (over) {
      return;
    }
    switch (failure) {
      case RefusedException refused when refused.refusal() instanceof Refusal.SessionNotFound ->
          end(new TurnEnd.Deleted());
      case RefusedException refused -> end(new TurnEnd.Refused(refused.refusal()));
      default -> {
        Defects.log("A followed turn", failure);
        end(new TurnEnd.Broken());
      }
    }
  }

  private void read(Delivery delivery) {
    List<ChatStreamEvent> said = new ArrayList<>();
    Delivery.Opening opening = delivery.opening();
    if (opening != null && !opens(opening.state(), said)) {
      return;
    }
    TurnEnd end = null;
    for (int i = 0; i < delivery.frames().size() && end == null; i++) {
      end = read(delivery.frames().get(i).frame(), said);
    }
    tell(said, end);
  }

  /// Finds the turn in a state that a subscription begins with.
  ///
  /// @return whether it is to be read on
  private boolean opens(SessionState.Present state, List<ChatStreamEvent> said) {
    if (state instanceof SessionState.Streaming(var _, var running) && isMeant(running)) {
      turn = running.turnId();
      if (!begun) {
        begun = true;
        said.add(new ChatStreamEvent.Start(running.answerId()));
        said.addAll(running.output().events());
      }
      return true;
    }
    if (begun) {
      // The subscription began again behind the turn's end, which was never told here.
      end(new TurnEnd.Refused(Refusal.unavailable()));
      return false;
    }
    if (state.core().waiting(message) != null) {
      return true;
    }
    stopReading();
    on(source.turnOf(message), this::found);
    return false;
  }

  private boolean isMeant(SessionState.RunningTurn running) {
    return turn == null ? running.message().id().equals(message) : running.turnId().equals(turn);
  }

  private @Nullable TurnEnd read(Frame frame, List<ChatStreamEvent> said) {
    switch (frame) {
      case Frame.SessionStarted started -> {
        if (turn == null && started.messageId().equals(message)) {
          turn = started.turnId();
          begun = true;
        }
      }
      case Frame.StreamEvent(var of, var event) -> {
        if (of.equals(turn)) {
          said.add(event);
        }
      }
      case Frame.SessionStopped stopped -> {
        if (stopped.turnId().equals(turn)) {
          boolean deletion =
              stopped.outcome() instanceof TurnOutcome.Interrupted interrupted
                  && interrupted.isDeletion();
          return deletion ? new TurnEnd.Deleted() : new TurnEnd.Stopped(stopped.outcome());
        }
      }
      case Frame.MessageDequeued dequeued -> {
        if (dequeued.reason() == Frame.DequeueReason.REMOVED
            && dequeued.messageId().equals(message)) {
          return new TurnEnd.Removed();
        }
      }
      case Frame.SessionDeleted _ -> {
        return new TurnEnd.Deleted();
      }
      case Frame.UserMessage _,
          Frame.MessageQueued _,
          Frame.MessagesDiscarded _,
          Frame.SessionRenamed _ -> {}
    }
    return null;
  }

  /// It neither ran nor waited when it was looked for.
  private void found(Optional<TurnPlace> place) {
    if (place.isEmpty()) {
      end(new TurnEnd.Removed());
    } else if (place.get().isRunning()) {
      look();
    } else if (turn != null && !place.get().id().equals(turn)) {
      // Another turn has answered the message since: this one was discarded for it.
      end(new TurnEnd.Stopped(new TurnOutcome.Interrupted("interrupted")));
    } else {
      on(source.ended(place.get()), this::tellWhole);
    }
  }

  private void tellWhole(EndedTurn ended) {
    List<ChatStreamEvent> said = new ArrayList<>();
    said.add(new ChatStreamEvent.Start(ended.answerId()));
    said.addAll(PartEvents.of(ended.answer()));
    said.add(ended.outcome().lastWord(ended.usage()));
    tell(said, new TurnEnd.Stopped(ended.outcome()));
  }

  private void tell(List<ChatStreamEvent> said, @Nullable TurnEnd end) {
    if (said.isEmpty()) {
      goOn(end);
    } else {
      listener.said(List.copyOf(said), () -> goOn(end));
    }
  }

  private void goOn(@Nullable TurnEnd end) {
    if (over) {
      return;
    }
    if (end != null) {
      end(end);
    } else if (reading != null) {
      reading.next();
    }
  }

  private <T> void on(Uni<T> read, Consumer<T> then) {
    read.subscribe()
        .with(
            item ->
                context.execute(() -> {
                  if (!over) {
                    then.accept(item);
                  }
                }),
            failure -> context.execute(() -> failed(failure)));
  }

  /// One subscription. Whatever it brings after it was cancelled is left.
  private final class Reading implements MultiSubscriber<Delivery> {
    private Flow.@Nullable Subscription upstream;
    private boolean cancelled;

    void next() {
      if (upstream != null) {
        upstream.request(1);
      }
    }

    void cancel() {
      cancelled = true;
      if (upstream != null) {
        upstream.cancel();
      }
    }

    private void ifWanted(Runnable task) {
      context.execute(() -> {
        if (!cancelled) {
          task.run();
        }
      });
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      context.execute(() -> {
        upstream = subscription;
        if (cancelled) {
          subscription.cancel();
        } else {
          subscription.request(1);
        }
      });
    }

    @Override
    public void onItem(Delivery delivery) {
      ifWanted(() -> read(delivery));
    }

    @Override
    public void onFailure(Throwable failure) {
      ifWanted(() -> failed(failure));
    }

    @Override
    public void onCompletion() {
      ifWanted(() -> end(new TurnEnd.Deleted()));
    }
  }
}
