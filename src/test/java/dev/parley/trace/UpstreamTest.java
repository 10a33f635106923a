package dev.parley.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.trace.Upstream.Relation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which headers name a trace.
class UpstreamTest {
  private static final String TRACE = "-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  @Test
  void isWhatTheHeaderSays() {
    assertThat(Upstream.ofRequest("00" + TRACE))
        .isEqualTo(new Upstream("00" + TRACE, Relation.PARENT));
    assertThat(Upstream.ofConnection("00" + TRACE))
        .isEqualTo(new Upstream("00" + TRACE, Relation.LINK));
  }

  @Test
  void isNoneWithoutAHeader() {
    assertThat(Upstream.ofRequest(null)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "00", "cc" + TRACE, "01" + TRACE, "00" + TRACE + "-more"})
  void isNoneWhereItIsOfAnotherLengthOrVersion(String header) {
    assertThat(Upstream.ofRequest(header)).isNull();
    assertThat(Upstream.ofConnection(header)).isNull();
  }
}
