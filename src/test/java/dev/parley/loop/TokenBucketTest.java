package dev.parley.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private long nanos = -42;
  private final TokenBucket bucket = TokenBucket.perSecond(100, 5, () -> nanos);

  @Test
  void givesABurstAndThenEvenly() {
    assertThat(taken(7)).isEqualTo(5);
    assertThat(bucket.waitMs()).isEqualTo(10);
    pass(9);
    assertThat(taken(1)).isZero();
    assertThat(bucket.waitMs()).isEqualTo(1);
    pass(1);
    assertThat(taken(2)).isEqualTo(1);
    pass(30);
    assertThat(taken(7)).isEqualTo(3);
  }

  @Test
  void savesNoMoreThanABurst() {
    pass(1_000_000);
    assertThat(taken(100)).isEqualTo(5);
  }

  private void pass(long ms) {
    nanos += TimeUnit.MILLISECONDS.toNanos(ms);
  }

  private long taken(int attempts) {
    return IntStream.range(0, attempts).filter(_ -> bucket.take()).count();
  }
}
