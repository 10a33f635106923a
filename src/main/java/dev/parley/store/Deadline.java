package dev.parley.store;

import dev.parley.loop.EventLoop;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/// A bound on a wait for the database, kept by the client: a server that is frozen keeps none.
final class Deadline {
  private Deadline() {}

  /// The outcome of `uni`, or [StoreUnavailableException] when there is none in time. What comes
  /// later is ignored. Emits where `uni` does, or on the loop.
  static <T> Uni<T> of(Uni<T> uni, Duration limit, EventLoop loop) {
    return Uni.createFrom()
        .emitter(emitter -> {
          AtomicBoolean open = new AtomicBoolean(true);
          EventLoop.Timer timer =
              loop.schedule(
                  limit,
                  () -> {
                    if (open.compareAndSet(true, false)) {
                      emitter.fail(
                          new StoreUnavailableException("no answer within " + limit, null));
                    }
                  });
          uni.subscribe()
              .with(
                  item -> {
                    if (open.compareAndSet(true, false)) {
                      loop.execute(timer::cancel);
                      emitter.complete(item);
                    }
                  },
                  failure -> {
                    if (open.compareAndSet(true, false)) {
                      loop.execute(timer::cancel);
                      emitter.fail(failure);
                    }
                  });
        });
  }
}
