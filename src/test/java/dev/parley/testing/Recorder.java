package dev.parley.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A subscriber that keeps what it is given and asks for what the test asks for. On one thread.
///
/// It also judges its publisher: more items than were wanted, or anything after the end, throws.
public final class Recorder<T> implements Flow.Subscriber<T> {
  private final List<T> items = new ArrayList<>();
  private final long firstRequest;
  private BiConsumer<Recorder<T>, T> reaction = (_, _) -> {};
  private Flow.@Nullable Subscription subscription;
  private @Nullable Throwable failure;
  private boolean completed;
  private long wanted;

  /// @param firstRequest what is asked for at once; 0: nothing
  public Recorder(long firstRequest) {
    this.firstRequest = firstRequest;
  }

  public static <T> Recorder<T> ofAll() {
    return new Recorder<>(Long.MAX_VALUE);
  }

  /// What to do inside of each `onNext`.
  public Recorder<T> reacting(BiConsumer<Recorder<T>, T> reaction) {
    this.reaction = reaction;
    return this;
  }

  public void request(long n) {
    wanted = wanted > Long.MAX_VALUE - n ? Long.MAX_VALUE : wanted + n;
    subscription().request(n);
  }

  public void cancel() {
    subscription().cancel();
  }

  public List<T> items() {
    return List.copyOf(items);
  }

  public @Nullable Throwable failure() {
    return failure;
  }

  public boolean completed() {
    return completed;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    if (firstRequest > 0) {
      request(firstRequest);
    }
  }

  @Override
  public void onNext(T item) {
    notEnded();
    if (wanted == 0) {
      throw new AssertionError("an item that was not asked for");
    }
    if (wanted != Long.MAX_VALUE) {
      wanted--;
    }
    items.add(item);
    reaction.accept(this, item);
  }

  @Override
  public void onError(Throwable given) {
    notEnded();
    failure = given;
  }

  @Override
  public void onComplete() {
    notEnded();
    completed = true;
  }

  private void notEnded() {
    if (completed || failure != null) {
      throw new AssertionError("something came after the end");
    }
  }

  private Flow.Subscription subscription() {
    if (subscription == null) {
      throw new AssertionError("not subscribed");
    }
    return subscription;
  }
}
