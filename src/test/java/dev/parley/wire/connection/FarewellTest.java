package dev.parley.wire.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FarewellTest {
  private static final Duration MIN = Duration.ofMillis(900);
  private static final Duration MAX = Duration.ofMillis(5100);

  @Test
  void tellsEachClientAnotherTimeToComeAgain() {
    Farewell farewell = new Farewell(MIN, MAX);
    List<String> reasons = Stream.generate(farewell::reason).limit(1000).toList();
    assertThat(reasons)
        .allSatisfy(reason -> {
          assertThat(reason).matches("stopping; retryAfterMs=[0-9]+");
          long after = Long.parseLong(reason.substring(reason.indexOf('=') + 1));
          assertThat(after).isBetween(MIN.toMillis(), MAX.toMillis());
          assertThat(reason.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(123);
        });
    assertThat(reasons.stream().distinct().count()).isGreaterThan(500);
  }

  @Test
  void takesOneTimeForAll() {
    assertThat(new Farewell(MIN, MIN).reason()).isEqualTo("stopping; retryAfterMs=900");
  }

  @Test
  void refusesAnOrderThatCannotBe() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Farewell(MAX, MIN));
    assertThatIllegalArgumentException().isThrownBy(() -> new Farewell(Duration.ofMillis(-1), MAX));
  }
}
