package dev.parley.agent.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.agent.llm.ProviderFailure.Kind;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Errors that stand in an answer count as refusals with a status do.
class ErrorEventTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"type":"error","error":{"type":"overloaded_error","message":"busy"}} | 500
          {"type":"error","error":{"type":"api_error","message":"oh"}}          | 500
          {"type":"error","error":{"type":"rate_limit_error"}}                  | 429
          {"type":"error","error":{"type":"authentication_error"}}              | 401
          {"type":"error","error":{"type":"permission_error"}}                  | 403
          {"type":"error","error":{"type":"not_found_error"}}                   | 404
          {"type":"error","error":{"type":"request_too_large"}}                 | 413
          {"type":"error","error":{"type":"invalid_request_error"}}             | 400
          {"error":{"type":"server_error","code":null,"param":null}}            | 500
          {"error":{"type":"tokens","code":"rate_limit_exceeded"}}              | 429
          {"error":{"type":"insufficient_quota","code":"insufficient_quota"}}   | 429
          {"error":{"type":null,"code":"content_filter"}}                       | 400
          {"error":{"type":null,"code":"context_length_exceeded"}}              | 400
          {"error":{"code":402,"message":"more credits"},"choices":[]}          | 402
          {"error":{"code":"503","message":"none"}}                             | 503
          {"error":{"code":200}}                                                | 500
          {"error":"model runner has stopped"}                                  | 500
          {"type":"error","error":{}}                                           | 500
          {"type":"error","error":{"type":"billing_error"}}                     | 402
          {"object":"error","message":"too long","code":400}                    | 400
          {"error":null,"type":"error"}                                         | 500
          """)
  void isARefusal(String data, int status) {
    ProviderFailure failure = Objects.requireNonNull(ErrorEvent.read(data));
    assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
    assertThat(failure.statusCode()).isEqualTo(status);
    assertThat(data).contains(failure.body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"error\":null,\"choices\":[]}",
        "{\"error\":{}}",
        "{\"error\":\"\",\"choices\":[]}",
        "{\"error\":false}",
        "{\"choices\":[{\"finish_reason\":\"error\"}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"say \\\"error\\\": {}\"}}]}",
        "{\"error\":",
        "[DONE]",
        ""
      })
  void isNoneInWhatOnlyLooksLikeIt(String data) {
    assertThat(ErrorEvent.read(data)).isNull();
  }
}
