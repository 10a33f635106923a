package dev.parley.agent.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class ClockToolsTest {
  private final ClockTools clock =
      new ClockTools(InstantSource.fixed(Instant.parse("2026-07-16T12:03:20.987Z")));

  @Test
  void tellsDayAndTimeWhereItIs() {
    assertThat(clock.currentTime("Europe/Berlin"))
        .isEqualTo("Thursday, 2026-07-16T14:03:20+02:00 (Europe/Berlin)");
    assertThat(clock.currentTime("UTC")).isEqualTo("Thursday, 2026-07-16T12:03:20+00:00 (UTC)");
  }

  @Test
  void saysWhatAZoneIsCalled() {
    assertThatThrownBy(() -> clock.currentTime("Berlin"))
        .hasMessage(
            "there is no time zone Berlin; give an IANA name such as Europe/Berlin,"
                + " America/New_York or UTC");
  }
}
