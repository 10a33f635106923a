package dev.parley.wire.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.wire.Defects;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.core.Response;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ProblemsTest {
  private static final SessionKey KEY = new SessionKey("u", "demo", "t");

  private final Problems problems = new Problems();

  @Test
  void tellsARefusalWithTheFieldsOfItsTypedError() {
    Response response =
        problems.refused(
            new RefusedException(new Refusal.InvalidRequest("\"limit\" is no number", "limit")));
    assertProblem(
        response,
        400,
        """
        {"type":"urn:parley:error:InvalidRequestRpcError","title":"Bad Request","status":400,\
        "detail":"\\"limit\\" is no number","_tag":"InvalidRequestRpcError",\
        "message":"\\"limit\\" is no number","field":"limit"}\
        """);
  }

  static Stream<Arguments> statuses() {
    return Stream.of(
        Arguments.of(new Refusal.SessionNotFound(KEY), 404, "There is no session u:demo:t."),
        Arguments.of(new Refusal.SessionBusy(KEY), 409, "A turn is running in session u:demo:t."),
        Arguments.of(new Refusal.SessionExists(KEY), 409, "Session u:demo:t exists already."),
        Arguments.of(new Refusal.LimitExceeded("content", "too large", null), 413, "too large"),
        Arguments.of(new Refusal.LimitExceeded("queue", "too many", null), 429, "too many"),
        Arguments.of(new Refusal.NotAllowed("not yours"), 403, "not yours"));
  }

  @ParameterizedTest
  @MethodSource("statuses")
  void givesEachRefusalItsStatus(Refusal refusal, int status, String detail) {
    Response response = Problems.of(refusal);
    assertThat(response.getStatus()).isEqualTo(status);
    assertThat((String) response.getEntity())
        .contains("\"status\":" + status + ",\"detail\":\"" + detail + "\",\"_tag\":");
  }

  @ParameterizedTest
  @EnumSource(Refusal.Code.class)
  void tellsWhatParleyCouldNotDoAsAServersFaultUnlessTheRequestIsToBlame(Refusal.Code code) {
    Response response = Problems.of(new Refusal.Failed(code, "why", true));
    boolean requestIsToBlame =
        code == Refusal.Code.AGENT_UNKNOWN || code == Refusal.Code.MESSAGE_CREATE_ERROR;
    assertThat(response.getStatus() / 100).isEqualTo(requestIsToBlame ? 4 : 5);
    assertThat((String) response.getEntity())
        .endsWith(
            "\"_tag\":\"ChatOperationRpcError\",\"message\":\"why\",\"code\":\""
                + code
                + "\",\"retryable\":true}");
  }

  @Test
  void saysInWholeSecondsWhenTryingAgainMayHelp() {
    Response response = Problems.of(new Refusal.LimitExceeded("sends", "slow down", 1001L));
    assertThat(response.getHeaderString("Retry-After")).isEqualTo("2");
    assertThat((String) response.getEntity()).endsWith("\"retryAfterMs\":1001}");
  }

  @Test
  void saysNoMoreThanTheStatusOfWhatHttpRefuses() {
    Response response = problems.notServed(new NotAllowedException("GET"));
    assertProblem(
        response,
        405,
        """
        {"type":"about:blank","title":"Method Not Allowed","status":405,\
        "detail":"Method Not Allowed"}\
        """);
    assertThat(response.getHeaderString("Allow")).isEqualTo("GET");
  }

  @Test
  void tellsNothingOfADefectButThatThereIsOne() {
    Response response = problems.broken(new IllegalStateException("a client's secret"));
    assertProblem(
        response,
        500,
        """
        {"type":"about:blank","title":"Internal Server Error","status":500,"detail":"%s"}\
        """
            .formatted(Defects.TOLD));
  }

  private static void assertProblem(Response response, int status, String json) {
    assertThat(response.getStatus()).isEqualTo(status);
    assertThat(response.getMediaType()).hasToString(Problems.MEDIA_TYPE);
    assertThat(response.getEntity()).isEqualTo(json);
  }
}
