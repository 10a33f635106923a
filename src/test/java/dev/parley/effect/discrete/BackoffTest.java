package dev.parley.effect.discrete;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class BackoffTest {
  private static final Duration MIN = Duration.ofSeconds(1);
  private static final Duration MAX = Duration.ofHours(1);

  private final Backoff backoff = new Backoff(MIN, MAX, new Random(1));

  @Test
  void pausesBetweenHalfOfTheDoubledPauseAndAllOfIt() {
    for (int tries = 1; tries <= 100; tries++) {
      Duration whole = tries > 12 ? MAX : MIN.multipliedBy(1L << (tries - 1));
      for (int i = 0; i < 100; i++) {
        assertThat(backoff.after(tries)).isBetween(whole.dividedBy(2), whole);
      }
    }
  }

  @Test
  void leavesHalfOfThePauseToChance() {
    List<Duration> pauses = IntStream.range(0, 1000).mapToObj(_ -> backoff.after(4)).toList();
    assertThat(pauses).anyMatch(pause -> pause.compareTo(Duration.ofMillis(4400)) < 0);
    assertThat(pauses).anyMatch(pause -> pause.compareTo(Duration.ofMillis(7600)) > 0);
  }

  @Test
  void refusesBoundsThatMakeNoSense() {
    assertThatThrownBy(() -> new Backoff(Duration.ZERO, MAX, new Random(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Backoff(MAX, MIN, new Random(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
