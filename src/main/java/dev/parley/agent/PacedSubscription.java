package dev.parley.agent;

import dev.parley.agent.Script.Passage;
import dev.parley.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Plays a script to one subscriber: an event when it is due and wanted, whichever comes later.
///
/// The schedule is absolute: a late timer or a slow subscriber delays what is due and not what
/// comes after it, so several events may go in one task. No task plays more than [#SLICE_MAX] of
/// them, so that one answer cannot hold the loop. Everything is played on the loop; `request` and
/// `cancel` may be called anywhere, also from within the subscriber.
final class PacedSubscription implements Flow.Subscription {
  /// Events one task plays before other tasks of the loop get their turn: some ten microseconds.
  static final int SLICE_MAX = 256;

  private final EventLoop loop;
  private final Flow.Subscriber<? super AgentEvent> subscriber;
  private final long startNanos;
  private final AtomicLong wanted = new AtomicLong();
  private final AtomicBoolean called = new AtomicBoolean();
  private volatile boolean over;

  // On the loop only.
  private final Deque<Passage> passages;
  private int index;
  private boolean playing;
  private EventLoop.@Nullable Timer timer;

  private PacedSubscription(
      Script script, EventLoop loop, Flow.Subscriber<? super AgentEvent> subscriber) {
    this.loop = loop;
    this.subscriber = subscriber;
    this.passages = new ArrayDeque<>(script.passages());
    this.startNanos = loop.nanoTime();
  }

  /// Begins to play now.
  static void start(Script script, EventLoop loop, Flow.Subscriber<? super AgentEvent> subscriber) {
    subscriber.onSubscribe(new PacedSubscription(script, loop, subscriber));
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      loop.execute(() -> fail(new IllegalArgumentException("a request is for one at least")));
      return;
    }
    wanted.accumulateAndGet(n, PacedSubscription::sum);
    if (!(loop.inLoop() && playing)) {
      call();
    }
  }

  @Override
  public void cancel() {
    over = true;
    if (loop.inLoop()) {
      stop();
    } else {
      loop.execute(this::stop);
    }
  }

  /// Asks the loop to play, once however often it is called before that.
  private void call() {
    if (!over && called.compareAndSet(false, true)) {
      loop.execute(this::play);
    }
  }

  private void play() {
    called.set(false);
    playing = true;
    try {
      for (int played = 0; !over && isDue(); played++) {
        if (played == SLICE_MAX) {
          call();
          return;
        }
        next();
      }
    } finally {
      playing = false;
    }
  }

  /// Whether the next thing can happen now; sees to it that it will when it only takes time.
  private boolean isDue() {
    Passage passage = passages.peek();
    return switch (passage) {
      case null -> true;
      case Script.Tokens tokens -> wanted.get() > 0 && isTime(tokens.dueNanos(index));
      case Script.Failure failure -> isTime(failure.startNanos());
      case Script.Silence _ -> false;
    };
  }

  private boolean isTime(long dueNanos) {
    long leftNanos = dueNanos - (loop.nanoTime() - startNanos);
    if (leftNanos > 0 && timer == null) {
      timer =
          loop.schedule(
              Duration.ofNanos(leftNanos),
              () -> {
                timer = null;
                play();
              });
    }
    return leftNanos <= 0;
  }

  private void next() {
    switch (passages.peek()) {
      case null -> {
        stop();
        subscriber.onComplete();
      }
      case Script.Tokens tokens -> {
        AgentEvent event = tokens.events().apply(index);
        index++;
        if (index == tokens.count()) {
          index = 0;
          passages.remove();
        }
        if (wanted.get() != Long.MAX_VALUE) {
          wanted.decrementAndGet();
        }
        subscriber.onNext(event);
      }
      case Script.Failure failure -> fail(failure.failure());
      case Script.Silence _ -> {}
    }
  }

  private void fail(RuntimeException failure) {
    if (!over) {
      stop();
      subscriber.onError(failure);
    }
  }

  private void stop() {
    over = true;
    passages.clear();
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  private static long sum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }
}
