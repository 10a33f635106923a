package dev.parley.wire.rpc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AbridgementTest {
  @Test
  void keepsTheSmallFieldsWhereverTheyStand() {
    assertThat(
            of(
                "{\"payload\":{\"id\":1,\"c\":\"" + "x".repeat(5000) + "\"},\"_tag\":\"Request\",",
                "\"headers\":[[\"id\",\"2\"]], \"id\" : ",
                "7 }\r"))
        .isEqualTo("{\"_tag\":\"Request\", \"id\" : 7 }");
  }

  @Test
  void takesNoBracketInsideAStringForOne() {
    assertThat(of("{\"a\":\"}{[,\\\\\",\"b\":\"\\\"}\",\"id\":\"é\"}"))
        .isEqualTo("{\"a\":\"}{[,\\\\\",\"b\":\"\\\"}\",\"id\":\"é\"}");
  }

  @Test
  void leavesOutALargeField() {
    assertThat(of("{\"a\":\"" + "x".repeat(Abridgement.FIELD_BYTES_MAX) + "\",\"id\":7}"))
        .isEqualTo("{\"id\":7}");
  }

  @Test
  void keepsNoMoreThanItsBound() {
    String fields =
        IntStream.range(0, 100_000)
            .mapToObj(i -> "\"f" + i + "\":" + i)
            .collect(Collectors.joining(",", "{", "}"));
    assertThat(of(fields)).hasSizeBetween(1000, Abridgement.KEPT_BYTES_MAX + 2);
  }

  @Test
  void knowsNothingOfAMessageThatHasNotEnded() {
    assertThat(of("{\"id\":7")).isEqualTo("{}");
  }

  private static String of(String... pieces) {
    Abridgement abridgement = new Abridgement();
    for (String piece : pieces) {
      byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
      abridgement.feed(bytes, 0, bytes.length);
    }
    return new String(abridgement.json(), StandardCharsets.UTF_8);
  }
}
