package dev.parley.effect.discrete;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.store.EffectBacklog.Backlog;
import dev.parley.store.StoreUnavailableException;
import dev.parley.testing.ManualEventLoop;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// The numbers of the outbox are looked up on a schedule, whoever reads them.
class BacklogWatchTest {
  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final int COUNT_MAX = 7;

  private final ManualEventLoop loop = new ManualEventLoop();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private Backlog stored = new Backlog(0, 0, Duration.ZERO);
  private boolean away;
  private int asked;

  private final BacklogWatch watch =
      new BacklogWatch(
          countMax -> {
            assertThat(countMax).isEqualTo(COUNT_MAX);
            asked++;
            return away
                ? Uni.createFrom().failure(new StoreUnavailableException("away", null))
                : Uni.createFrom().item(stored);
          },
          loop,
          metrics,
          new BacklogWatch.Settings(INTERVAL, COUNT_MAX));

  @Test
  void asksOnceAnIntervalHoweverOftenItIsRead() {
    watch.start();
    watch.start();
    stored = new Backlog(3, 1, Duration.ofMillis(2500));
    loop.advance(INTERVAL);
    for (int i = 0; i < 10; i++) {
      assertThat(gauge("parley.outbox.unfinished")).isEqualTo(3);
    }
    assertThat(gauge("parley.outbox.failed")).isEqualTo(1);
    assertThat(gauge("parley.outbox.oldest.age")).isEqualTo(2.5);
    assertThat(asked).isEqualTo(2);
    watch.stop();
    loop.advance(INTERVAL.multipliedBy(3));
    assertThat(asked).isEqualTo(2);
  }

  @Test
  void saysThatNothingIsKnownWhileTheStoreIsAway() {
    watch.start();
    loop.advance(INTERVAL.multipliedBy(2));
    assertThat(gauge("parley.database.up")).isEqualTo(1);
    assertThat(watch.answersFor()).isEqualTo(INTERVAL.multipliedBy(2));
    away = true;
    loop.advance(INTERVAL);
    assertThat(gauge("parley.database.up")).isZero();
    assertThat(gauge("parley.outbox.unfinished")).isNaN();
    assertThat(watch.answersFor()).isZero();
    away = false;
    loop.advance(INTERVAL.multipliedBy(2));
    assertThat(gauge("parley.database.up")).isEqualTo(1);
    assertThat(watch.answersFor()).isEqualTo(INTERVAL);
  }

  private double gauge(String name) {
    return metrics.get(name).gauge().value();
  }
}
