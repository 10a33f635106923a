package dev.parley.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.app.LoopWatch.Silence;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.VertxInternal;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// A loop that does not run is found, and found well again.
class LoopWatchTest {
  private static final Duration SILENCE_MAX = Duration.ofMillis(400);

  @Test
  void findsTheLoopThatIsBlockedAndNoOther() throws InterruptedException {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(3));
    CountDownLatch free = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(1);
    AtomicReference<String> thread = new AtomicReference<>("");
    try (LoopWatch watch =
        new LoopWatch(((VertxInternal) vertx).getEventLoopGroup(), SILENCE_MAX, System::nanoTime)) {
      Awaitility.await()
          .until(() -> watch.longest().orElseThrow().since().compareTo(SILENCE_MAX) < 0);
      VertxEventLoops.make(vertx)
          .execute(() -> {
            thread.set(Thread.currentThread().getName());
            blocked.countDown();
            try {
              boolean _ = free.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      assertThat(blocked.await(10, TimeUnit.SECONDS)).isTrue();
      Awaitility.await()
          .until(() -> watch.longest().orElseThrow().since().compareTo(SILENCE_MAX) > 0);
      Silence wedged = watch.longest().orElseThrow();
      assertThat(wedged.thread()).isEqualTo(thread.get());
      free.countDown();
      Awaitility.await()
          .until(() -> watch.longest().orElseThrow().since().compareTo(SILENCE_MAX) < 0);
    } finally {
      free.countDown();
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }
}
