package dev.parley.wire.rpc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import java.util.List;
import org.junit.jupiter.api.Test;

class RpcWriterTest {
  private static final RpcId NUMBER = new RpcId(true, "7");
  private static final RpcId STRING = new RpcId(false, "7");

  @Test
  void tellsTheDialectByTheIdAndTheUrl() {
    assertThat(Dialect.of(NUMBER, false)).isEqualTo(Dialect.V4);
    assertThat(Dialect.of(NUMBER, true)).isEqualTo(Dialect.V4);
    assertThat(Dialect.of(STRING, false)).isEqualTo(Dialect.V3);
    assertThat(Dialect.of(STRING, true)).isEqualTo(Dialect.V4_BETA);
    assertThat(Dialect.isBeta("a=b&dialect=v4beta")).isTrue();
    assertThat(Dialect.isBeta("dialect=v4beta/")).isTrue();
    assertThat(Dialect.isBeta("dialect=v4betas")).isFalse();
  }

  @Test
  void echoesAnIdWithItsJsonType() {
    assertThat(RpcWriter.success(NUMBER, "null"))
        .isEqualTo(
            """
            {"_tag":"Exit","requestId":7,"exit":{"_tag":"Success","value":null}}\
            """);
    assertThat(RpcWriter.success(new RpcId(false, "a\"b"), "null"))
        .isEqualTo(
            """
            {"_tag":"Exit","requestId":"a\\"b","exit":{"_tag":"Success","value":null}}\
            """);
  }

  @Test
  void writesChunks() {
    assertThat(RpcWriter.chunk(NUMBER, List.of("{\"i\":10}", "{\"i\":11}")))
        .isEqualTo(
            """
            {"_tag":"Chunk","requestId":7,"values":[{"i":10},{"i":11}]}\
            """);
  }

  @Test
  void writesATypedFailureInEachDialect() {
    Refusal refusal = new Refusal.SessionNotFound(new SessionKey("u", "a", "t"));
    assertThat(RpcWriter.fail(STRING, Dialect.V3, refusal))
        .isEqualTo(
            """
            {"_tag":"Exit","requestId":"7","exit":{"_tag":"Failure","cause":{"_tag":"Fail",\
            "error":{"_tag":"ChatSessionNotFoundRpcError","sessionId":"u:a:t"}}}}\
            """);
    String array =
        """
        ,"exit":{"_tag":"Failure","cause":[{"_tag":"Fail",\
        "error":{"_tag":"ChatSessionNotFoundRpcError","sessionId":"u:a:t"}}]}}\
        """;
    assertThat(RpcWriter.fail(STRING, Dialect.V4_BETA, refusal))
        .isEqualTo("{\"_tag\":\"Exit\",\"requestId\":\"7\"" + array);
    assertThat(RpcWriter.fail(NUMBER, Dialect.V4, refusal))
        .isEqualTo("{\"_tag\":\"Exit\",\"requestId\":7" + array);
  }

  @Test
  void writesADefectOfACallInEachDialect() {
    assertThat(RpcWriter.die(STRING, Dialect.V3, "boom"))
        .contains("\"cause\":{\"_tag\":\"Die\",\"defect\":\"boom\"}}");
    assertThat(RpcWriter.die(STRING, Dialect.V4_BETA, "boom"))
        .contains("\"cause\":[{\"_tag\":\"Die\",\"defect\":\"boom\"}]}");
    assertThat(RpcWriter.die(NUMBER, Dialect.V4, "boom"))
        .contains("\"cause\":[{\"_tag\":\"Die\",\"defect\":\"boom\"}]}");
  }

  @Test
  void writesAnInterruptInEachDialect() {
    assertThat(RpcWriter.interrupted(STRING, Dialect.V3))
        .contains("\"cause\":{\"_tag\":\"Interrupt\",\"fiberId\":{\"_tag\":\"None\"}}}");
    assertThat(RpcWriter.interrupted(STRING, Dialect.V4_BETA))
        .contains("\"cause\":[{\"_tag\":\"Interrupt\",\"fiberId\":null}]}");
    assertThat(RpcWriter.interrupted(NUMBER, Dialect.V4))
        .contains("\"cause\":[{\"_tag\":\"Interrupt\",\"fiberId\":null}]}");
  }

  @Test
  void writesWhatBelongsToNoCall() {
    assertThat(RpcWriter.defect("a\nb")).isEqualTo("{\"_tag\":\"Defect\",\"defect\":\"a\\nb\"}");
    assertThat(RpcWriter.PONG).isEqualTo("{\"_tag\":\"Pong\"}");
  }

  @Test
  void escapesWhatIsNotAscii() {
    assertThat(RpcWriter.ascii("{\"a\":\"é🥊\"}\n"))
        .isEqualTo("{\"a\":\"\\u00e9\\ud83e\\udd4a\"}\n");
    assertThat(RpcWriter.ascii("abc")).isEqualTo("abc");
  }
}
