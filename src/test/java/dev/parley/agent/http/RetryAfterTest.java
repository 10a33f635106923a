package dev.parley.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// When a provider wants to be asked again, in the ways that providers say it.
class RetryAfterTest {
  private static final String NOW = "Wed, 21 Oct 2015 07:28:00 GMT";

  @Test
  void readsSecondsAndMilliseconds() {
    assertThat(of(headers("retry-after", "7"))).isEqualTo(Duration.ofSeconds(7));
    assertThat(of(headers("retry-after", "0.25"))).isEqualTo(Duration.ofMillis(250));
    assertThat(of(headers("retry-after", "7").add("retry-after-ms", "1500")))
        .as("the exact one counts")
        .isEqualTo(Duration.ofMillis(1500));
  }

  @Test
  void readsADateByTheProvidersOwnClock() {
    MultiMap later = headers("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT").add("date", NOW);
    assertThat(of(later)).isEqualTo(Duration.ofSeconds(30));
    MultiMap past = headers("retry-after", "Wed, 21 Oct 2015 07:27:30 GMT").add("date", NOW);
    assertThat(of(past)).isEqualTo(Duration.ZERO);
    MultiMap dateless = headers("retry-after", "Wed, 21 Oct 2015 07:28:05 GMT");
    assertThat(of(dateless)).as("by the own clock").isEqualTo(Duration.ofSeconds(5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-1", "NaN"})
  void readsNothingIntoWhatIsNeither(String text) {
    assertThat(of(headers("retry-after", text).add("date", NOW))).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e18", "1e300", "Infinity"})
  void isLaterThanAnybodyWaits(String text) {
    assertThat(of(headers("retry-after", text))).isGreaterThan(Duration.ofDays(10_000));
  }

  @Test
  void isNoneWithoutAHeader() {
    assertThat(of(MultiMap.caseInsensitiveMultiMap())).isNull();
  }

  private static @Nullable Duration of(MultiMap headers) {
    return RetryAfter.of(headers, Instant.parse("2015-10-21T07:28:00Z"));
  }

  private static MultiMap headers(String name, String value) {
    return MultiMap.caseInsensitiveMultiMap().add(name, value);
  }
}
