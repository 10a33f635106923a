package dev.parley.agent.turn;

import dev.parley.agent.AgentEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a turn tells its subscriber, as far as it is asked for. The model is slowed down while it
/// has told more than that, so that what waits here is what one read brought. On the turn's loop.
final class Emitter {
  private final Flow.Subscriber<? super AgentEvent> subscriber;
  private final Consumer<Boolean> wantMore;
  private final Deque<AgentEvent> waiting = new ArrayDeque<>();
  private long wanted;
  private boolean telling;
  private boolean ending;
  private @Nullable Throwable failure;
  private boolean over;

  /// @param wantMore hears whether more is wanted than there is
  Emitter(Flow.Subscriber<? super AgentEvent> subscriber, Consumer<Boolean> wantMore) {
    this.subscriber = subscriber;
    this.wantMore = wantMore;
  }

  void begin(Flow.Subscription subscription) {
    subscriber.onSubscribe(subscription);
  }

  void request(long n) {
    wanted = wanted + n < 0 ? Long.MAX_VALUE : wanted + n;
    go();
  }

  /// Nobody listens any more.
  void cancel() {
    over = true;
    waiting.clear();
  }

  /// Whether nothing is told any more.
  boolean isOver() {
    return over || ending;
  }

  void emit(AgentEvent event) {
    if (!isOver()) {
      waiting.add(event);
      go();
    }
  }

  /// Nothing follows what was emitted.
  ///
  /// @param failure absent: it ends well
  void end(@Nullable Throwable failure) {
    if (!isOver()) {
      ending = true;
      this.failure = failure;
      go();
    }
  }

  /// Tells what there is and is wanted.
  void go() {
    if (telling) {
      return;
    }
    telling = true;
    while (!over && wanted > 0 && !waiting.isEmpty()) {
      wanted--;
      subscriber.onNext(waiting.remove());
    }
    telling = false;
    if (over) {
      return;
    }
    wantMore.accept(wanted > 0 && waiting.isEmpty());
    if (!over && ending && waiting.isEmpty()) {
      over = true;
      if (failure == null) {
        subscriber.onComplete();
      } else {
        subscriber.onError(failure);
      }
    }
  }
}
