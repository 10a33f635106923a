package dev.parley.wire.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import java.nio.charset.StandardCharsets;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBodyTest {
  private static final String ID = "u:a\"b";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~|{\"sessionId\":\"u:a\\\"b\"}",
        "~ ~|{\"sessionId\":\"u:a\\\"b\"}",
        "{ }|{\"sessionId\":\"u:a\\\"b\"}",
        "{\"a\":1}|{\"sessionId\":\"u:a\\\"b\",\"a\":1}",
        "~ { \"a\":[{\"sessionId\":1}] }~|{\"sessionId\":\"u:a\\\"b\", \"a\":[{\"sessionId\":1}] }",
        "{\"sessionId\":null}|{\"sessionId\":\"u:a\\\"b\",\"sessionId\":null}",
        "{\"sessionId\":\"u:a\\u0022b\"}|{\"sessionId\":\"u:a\\\"b\",\"sessionId\":\"u:a\\u0022b\"}",
      })
  void saysWhichSessionTheAddressNames(String body, String payload) {
    assertThat(RequestBody.payload(utf8(body), ID)).isEqualTo(payload);
    assertThat(Payload.parse(payload).text("sessionId")).isEqualTo(ID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"sessionId\":\"u:a\"}",
        "{\"sessionId\":7}",
        "{\"sessionId\":{}}",
        "{\"sessionId\":\"u:a\\\"b\",\"sessionId\":\"other\"}",
        "{\"sess\\u0069onId\":\"other\"}",
      })
  void refusesAnotherSession(String body) {
    assertInvalid(() -> RequestBody.payload(utf8(body), ID), "sessionId");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[]", "7", "null", "{", "{}{}", "{} x", "{\"a\":}", "{'a':1}", "\uFEFF{}"})
  void refusesWhatIsNoObject(String body) {
    assertInvalid(() -> RequestBody.payload(utf8(body)), null);
    assertInvalid(() -> RequestBody.payload(utf8(body), ID), null);
  }

  @Test
  void refusesWhatIsNestedTooDeepOrNoText() {
    String deep = "{\"a\":" + "[".repeat(128) + "]".repeat(128) + "}";
    assertInvalid(() -> RequestBody.payload(utf8(deep)), null);
    assertInvalid(() -> RequestBody.payload(new byte[] {'{', (byte) 0xff, '}'}), null);
  }

  @Test
  void passesOnWhatIsWellSaid() {
    assertThat(RequestBody.payload(utf8(" {\"a\":\"é\"} "))).isEqualTo(" {\"a\":\"é\"} ");
    assertThat(RequestBody.payload(new byte[0])).isEqualTo("{}");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void assertInvalid(ThrowingCallable call, @Nullable String field) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused ->
                assertThat(refused.refusal())
                    .isInstanceOfSatisfying(
                        Refusal.InvalidRequest.class,
                        invalid -> assertThat(invalid.field()).isEqualTo(field)));
  }
}
