package dev.parley.wire.rpc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SerializationTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"_tag\":\"Ping\"}",
        " {\"a\":\"\\\\\",\"b\":\"}\\\"\"} ",
        "[{\"_tag\":\"Ping\"},{\"a\":[{}]}]"
      })
  void aWholeValueWithoutALinesEndIsJson(String first) {
    assertThat(of(first)).isEqualTo(Serialization.JSON);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"_tag\":\"Ping\"}\n",
        "{}\n{}",
        "\n{}",
        "",
        "{",
        "{\"payload\":{\"a\":1}",
        "{\"a\":\"}",
        "{\"a\":\"\\\"}",
        "{}x",
        "{}{",
        "7"
      })
  void anythingElseIsTheBeginningOfALine(String first) {
    assertThat(of(first)).isEqualTo(Serialization.NDJSON);
  }

  @Test
  void theUrlMayTell() {
    assertThat(Serialization.asked("dialect=v4beta&serialization=json"))
        .isEqualTo(Serialization.JSON);
    assertThat(Serialization.asked("serialization=ndjson/")).isEqualTo(Serialization.NDJSON);
    assertThat(Serialization.asked("serialization=msgpack")).isNull();
    assertThat(Serialization.asked("")).isNull();
  }

  private static Serialization of(String first) {
    return Serialization.of(first.getBytes(StandardCharsets.UTF_8));
  }
}
