package dev.parley.agent.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.agent.llm.ProviderFailure.Kind;
import dev.parley.session.Refusal.Code;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What failures of providers mean for a turn.
class TroubleTest {
  private static final String AGENT = "parley.agents.claude";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          401 | {"error":{"message":"invalid x-api-key sk-secret"}} | MODEL_KEY_REFUSED | false
          402 | {}                                                  | MODEL_NO_CREDIT   | false
          403 | {}                                                  | MODEL_KEY_REFUSED | false
          404 | {"error":{"code":"model_not_found"}}                | MODEL_UNKNOWN     | false
          413 | {"error":{"type":"request_too_large"}}              | CONTEXT_TOO_LONG  | false
          400 | {"error":{"code":"context_length_exceeded"}}        | CONTEXT_TOO_LONG  | false
          400 | {"error":{"message":"Prompt is too long: 2 > 1"}}   | CONTEXT_TOO_LONG  | false
          400 | {"error":{"code":"content_filter"}}                 | CONTENT_FILTERED  | false
          400 | {"error":{"message":"Your credit balance is too low"}} | MODEL_NO_CREDIT | false
          400 | {"error":{"message":"temperature: range"}}          | MODEL_REFUSED     | false
          302 | moved                                               | MODEL_REFUSED     | false
          429 | {"error":{"code":"insufficient_quota"}}             | MODEL_NO_CREDIT   | false
          429 | {"error":{"type":"rate_limit_error"}}               | MODEL_RATE_LIMITED | true
          408 | -                                                   | MODEL_OVERLOADED  | true
          500 | -                                                   | MODEL_OVERLOADED  | true
          503 | -                                                   | MODEL_OVERLOADED  | true
          529 | {"error":{"type":"overloaded_error"}}               | MODEL_OVERLOADED  | true
          """)
  void tellsRefusalsByTheirStatusAndWhatTheySay(
      int status, String body, Code code, boolean passing) {
    Trouble trouble = of(ProviderFailure.refused(status, body, Duration.ofSeconds(7)));
    assertThat(trouble.code()).isEqualTo(code);
    assertThat(trouble.retryable()).isEqualTo(passing);
    assertThat(trouble.again()).isEqualTo(passing);
    assertThat(trouble.retryAfter()).isEqualTo(passing ? Duration.ofSeconds(7) : null);
    assertThat(trouble.failure().code()).isEqualTo(code);
    assertThat(trouble.failure().told()).isEqualTo(trouble.told()).doesNotContain("secret");
  }

  @Test
  void namesTheSettingThatIsToBlame() {
    assertThat(of(ProviderFailure.refused(401, "", null)).told()).contains(AGENT + ".api-key");
    assertThat(of(ProviderFailure.refused(404, "", null)).told()).contains(AGENT + ".model");
    assertThat(of(ProviderFailure.of(Kind.UNREACHABLE)).told()).contains(AGENT + ".base-url");
    assertThat(of(ProviderFailure.of(Kind.NO_ANSWER)).told()).contains(AGENT + ".base-url");
    assertThat(of(ProviderFailure.of(Kind.BUSY)).told()).contains("parley.models.connections-max");
  }

  @ParameterizedTest
  @CsvSource({
    "UNREACHABLE, MODEL_UNREACHABLE, true",
    "LOST, MODEL_LOST, true",
    "BUSY, MODEL_OVERLOADED, true",
    "UNREADABLE, MODEL_UNREADABLE, false",
    "NO_ANSWER, MODEL_UNREADABLE, false"
  })
  void tellsWhatHappensOnTheWay(Kind kind, Code code, boolean again) {
    Trouble trouble = of(new IllegalStateException(ProviderFailure.of(kind)));
    assertThat(trouble.code()).isEqualTo(code);
    assertThat(trouble.retryable()).isTrue();
    assertThat(trouble.again()).isEqualTo(again);
  }

  @Test
  void doesNotKnowWhatNobodyExpected() {
    Trouble trouble = of(new IllegalArgumentException("secret"));
    assertThat(trouble.code()).isEqualTo(Code.MODEL_UNREADABLE);
    assertThat(trouble.again()).isFalse();
    assertThat(trouble.told()).doesNotContain("secret");
  }

  private static Trouble of(Throwable failure) {
    return Trouble.of(failure, AGENT);
  }
}
