package dev.parley.app;

import static org.assertj.core.api.Assertions.assertThatCode;

import dev.parley.loop.EventLoop;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Delays that somebody configures who wants no limit.
class VertxEventLoopTest {
  @Test
  void takesADelayBeyondAllTime() {
    Vertx vertx = Vertx.vertx();
    try {
      EventLoop loop = VertxEventLoops.make(vertx);
      assertThatCode(
              () -> {
                loop.schedule(Duration.ofSeconds(Long.MAX_VALUE), () -> {}).cancel();
                loop.schedule(Duration.ofDays(200_000), () -> {}).cancel();
              })
          .doesNotThrowAnyException();
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }
}
