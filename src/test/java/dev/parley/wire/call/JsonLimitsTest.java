package dev.parley.wire.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class JsonLimitsTest {
  @Test
  void rememberNoFieldName() throws IOException {
    String text = "{\"a name that a stranger chose\":1}";
    assertThat(firstName(text)).isEqualTo(firstName(text)).isNotSameAs(firstName(text));
  }

  @Test
  void haveRoomForAMessageAndEndWhereNothingCanBeReadBack() {
    assertThat(new JsonLimits(8).depthMax()).isEqualTo(8);
    assertThatIllegalArgumentException().isThrownBy(() -> new JsonLimits(7));
    assertThatIllegalArgumentException().isThrownBy(() -> new JsonLimits(129));
  }

  private static String firstName(String text) throws IOException {
    try (JsonParser parser = JsonLimits.DEFAULTS.parser(text)) {
      parser.nextToken();
      return parser.nextFieldName();
    }
  }
}
