package dev.parley.wire.call;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JsonFieldsTest {
  @Test
  void escapesHalfASurrogatePairSoThatItOutlivesUtf8() {
    assertThat(JsonFields.quote("a\ud83db\udc00\"")).isEqualTo("\"a\\ud83db\\udc00\\\"\"");
    assertThat(JsonFields.quote("\0\ud83d")).isEqualTo("\"\\u0000\\ud83d\"");
  }

  @Test
  void leavesAWholePairAsItIs() {
    assertThat(JsonFields.quote("a\ud83d\ude00\n")).isEqualTo("\"a\ud83d\ude00\\n\"");
  }
}
