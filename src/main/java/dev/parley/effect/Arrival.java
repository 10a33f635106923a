package dev.parley.effect;

import io.smallrye.mutiny.subscription.Cancellable;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// A client whose session is still looked up: what it asks for meanwhile reaches the subscription
/// that follows, and one that leaves before leaves nothing behind. (Mutiny's own way from a `Uni`
/// to a `Multi` forgets to cancel a stream that begins after its subscriber has gone.)
///
/// Safe for use by any thread.
final class Arrival implements Flow.Subscriber<Delivery>, Flow.Subscription {
  private final Flow.Subscriber<? super Delivery> client;
  private @Nullable Cancellable lookup;
  private Flow.@Nullable Subscription subscription;
  private long asked;
  private boolean gone;

  Arrival(Flow.Subscriber<? super Delivery> client) {
    this.client = client;
  }

  /// @param lookup ended when the client leaves before it has
  synchronized void waitsFor(Cancellable lookup) {
    if (gone) {
      lookup.cancel();
    } else {
      this.lookup = lookup;
    }
  }

  @Override
  public synchronized void request(long n) {
    if (subscription != null) {
      subscription.request(n);
    } else {
      // What is wrong to ask for is told by the subscription.
      asked = n <= 0 ? n : asked + n < 0 ? Long.MAX_VALUE : asked + n;
    }
  }

  @Override
  public synchronized void cancel() {
    gone = true;
    if (subscription != null) {
      subscription.cancel();
    } else if (lookup != null) {
      lookup.cancel();
    }
  }

  @Override
  public synchronized void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    if (gone) {
      subscription.cancel();
    } else if (asked != 0) {
      subscription.request(asked);
    }
  }

  @Override
  public void onNext(Delivery delivery) {
    client.onNext(delivery);
  }

  @Override
  public void onError(Throwable failure) {
    client.onError(failure);
  }

  @Override
  public void onComplete() {
    client.onComplete();
  }
}
