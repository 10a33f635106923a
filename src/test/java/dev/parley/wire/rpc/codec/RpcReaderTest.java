package dev.parley.wire.rpc.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.session.Refusal;
import dev.parley.wire.call.JsonLimits;
import dev.parley.wire.rpc.codec.RpcMessage.ReplyWish;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RpcReaderTest {
  private static final RpcReader READER = new RpcReader(JsonLimits.DEFAULTS);
  private static final RpcId ZERO = new RpcId(true, "0");

  @Test
  void readsARequestOfEffect4() {
    assertThat(
            read(
                """
                {"_tag":"Request","id":0,"tag":"u.ok","payload":{"name":"ann","n":3},\
                "traceId":"dcc26659075b4f291beb0180ad68d563","spanId":"49f467fe2216418d",\
                "sampled":true,"headers":[]}\
                """))
        .isEqualTo(
            new RpcMessage.Request(ZERO, "u.ok", "{\"name\":\"ann\",\"n\":3}", ReplyWish.FULL));
  }

  @Test
  void readsARequestOfEffect3() {
    assertThat(
            read(
                """
                {"traceId":"x","payload":{ "a" : [1, {"b":"}"}] } ,"headers":[["a","b"]],\
                "tag":"s","id":"0","_tag":"Request"}\
                """))
        .isEqualTo(
            new RpcMessage.Request(
                new RpcId(false, "0"), "s", "{ \"a\" : [1, {\"b\":\"}\"}] }", ReplyWish.FULL));
  }

  @Test
  void takesANullPayloadForNone() {
    assertThat(read("{\"_tag\":\"Request\",\"id\":0,\"tag\":\"t\",\"payload\":null}"))
        .isEqualTo(new RpcMessage.Request(ZERO, "t", null, ReplyWish.FULL));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {"'\"x\"'", "-12.50e3", "true", "'[1, 2]'"})
  void cutsOutAPayloadOfAnyKind(String payload) {
    assertThat(read("{\"_tag\":\"Request\",\"payload\":" + payload + ",\"id\":0,\"tag\":\"t\"}"))
        .isEqualTo(new RpcMessage.Request(ZERO, "t", payload, ReplyWish.FULL));
  }

  @Test
  void cutsOutAPayloadOfAnyLength() {
    String payload = "{\"a\":\"" + "é\\n".repeat(50_000) + "\",\"b\":[{}]}";
    assertThat(read("{\"_tag\":\"Request\",\"id\":0,\"tag\":\"t\",\"payload\":" + payload + "}"))
        .isEqualTo(new RpcMessage.Request(ZERO, "t", payload, ReplyWish.FULL));
  }

  @Test
  void readsWhatTheClientWantsToHear() {
    assertThat(read("{\"_tag\":\"Request\",\"id\":0,\"tag\":\"t\",\"discard\":true}"))
        .isEqualTo(new RpcMessage.Request(ZERO, "t", null, ReplyWish.RECEIPT));
    assertThat(read("{\"_tag\":\"Request\",\"id\":0,\"tag\":\"t\",\"isNotification\":true}"))
        .isEqualTo(new RpcMessage.Request(ZERO, "t", null, ReplyWish.NONE));
  }

  @Test
  void readsTheOtherMessages() {
    assertThat(read("{\"_tag\":\"Ack\",\"requestId\":7}"))
        .isEqualTo(new RpcMessage.Ack(new RpcId(true, "7")));
    assertThat(read("{\"_tag\":\"Interrupt\",\"requestId\":\"13\"}"))
        .isEqualTo(new RpcMessage.Interrupt(new RpcId(false, "13")));
    assertThat(read("{\"_tag\":\"Ping\"}\r")).isEqualTo(new RpcMessage.Ping());
    assertThat(read("{\"_tag\":\"Eof\"}")).isEqualTo(new RpcMessage.Eof());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"null", "{\"_tag\":\"Ack\"}", "{\"_tag\":\"Interrupt\",\"requestId\":{}}"})
  void ignoresWhatMeansNothing(String line) {
    assertThat(read(line)).isEqualTo(new RpcMessage.Nothing());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"_tag\":\"Bogus\"}|Unknown request tag: Bogus",
        "{}|Unknown request tag: undefined",
        "{\"_tag\":1}|Unknown request tag: undefined",
        "{\"_tag\":\"Request\",\"tag\":\"t\"}|Invalid request id: undefined",
        "{\"_tag\":\"Request\",\"tag\":\"t\",\"id\":null}|Invalid request id: null",
        "{\"_tag\":\"Request\",\"tag\":\"t\",\"id\":1.5}|Invalid request id: 1.5",
        "{\"_tag\":\"Request\",\"tag\":\"t\",\"id\":[1]}|Invalid request id: [1]",
        "[]|Malformed message: it is not a JSON object",
        "[{}|Malformed message: it is not JSON",
        "5|Malformed message: it is not a JSON object",
        "\"x|Malformed message: it is not JSON",
        "{\"_tag\":\"Ping\"|Malformed message: it is not JSON",
        "{\"_tag\":\"Ping\"}{}|Malformed message: it is more than one JSON value",
        "nonsense|Malformed message: it is not JSON",
      })
  void tellsWhatCannotBeRead(String line, String why) {
    assertThat(read(line)).isEqualTo(new RpcMessage.Unreadable(why));
  }

  @Test
  void tellsOfBytesThatAreNoText() {
    assertThat(READER.read(Serialization.NDJSON, new byte[] {'{', (byte) 0xff, '}'}))
        .containsExactly(new RpcMessage.Unreadable("Malformed message: it is not UTF-8"));
  }

  @Test
  void refusesTheCallOfAMessageThatIsNestedTooDeep() {
    String deep = "[".repeat(500) + "]".repeat(500);
    assertThat(read("{\"_tag\":\"Request\",\"id\":0,\"tag\":\"t\",\"payload\":" + deep + "}"))
        .isInstanceOfSatisfying(
            RpcMessage.Refused.class,
            refused -> {
              assertThat(refused.id()).isEqualTo(ZERO);
              assertThat(refused.refusal()).isInstanceOf(Refusal.InvalidRequest.class);
            });
    assertThat(read(deep)).isInstanceOf(RpcMessage.Unreadable.class);
  }

  @Test
  void refusesTheCallOfALineThatIsTooLong() {
    assertThat(tooLong("{\"id\":0,\"_tag\":\"Request\"}"))
        .isEqualTo(
            new RpcMessage.Refused(
                ZERO, new Refusal.LimitExceeded("line", "A message has at most 64 bytes.", null)));
    assertThat(tooLong("{\"_tag\":\"Request\"}"))
        .isEqualTo(new RpcMessage.Unreadable("LimitExceeded: A message has at most 64 bytes."));
    assertThat(tooLong("{\"_tag\":\"Request\",\"id\":0,\"isNotification\":true}"))
        .isEqualTo(new RpcMessage.Nothing());
    assertThat(tooLong("{xxx}")).isInstanceOf(RpcMessage.Unreadable.class);
  }

  @Test
  void ofJsonReadsAnArrayOfMessages() {
    RpcMessage ping = new RpcMessage.Ping();
    assertThat(readJson("{\"_tag\":\"Ping\"}")).containsExactly(ping);
    assertThat(readJson("[{\"_tag\":\"Ping\"},null,7,{\"_tag\":\"Eof\"}]"))
        .containsExactly(
            ping,
            new RpcMessage.Nothing(),
            new RpcMessage.Unreadable("Malformed message: it is not a JSON object"),
            new RpcMessage.Eof());
    assertThat(readJson("[]")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[{\"_tag\":\"Ping\"}", "[{\"_tag\":\"Ping\"}]]", "[{},", "[[{\"a\""})
  void ofJsonReadsNothingOfAnArrayThatIsBroken(String json) {
    assertThat(readJson(json)).singleElement().isInstanceOf(RpcMessage.Unreadable.class);
  }

  @Test
  void readsNoDeeperThanItIsAllowedTo() {
    RpcReader shallow = new RpcReader(new JsonLimits(8));
    String message = "{\"_tag\":\"Request\",\"id\":0,\"tag\":\"t\",\"payload\":%s}";
    String seven = "[".repeat(7) + "]".repeat(7);
    assertThat(shallow.read(Serialization.NDJSON, message.formatted(seven).getBytes(UTF_8)))
        .containsExactly(new RpcMessage.Request(ZERO, "t", seven, ReplyWish.FULL));
    assertThat(
            shallow.read(
                Serialization.NDJSON, message.formatted("[" + seven + "]").getBytes(UTF_8)))
        .singleElement()
        .isInstanceOfSatisfying(
            RpcMessage.Refused.class,
            refused -> assertThat(refused.refusal().toString()).contains("8 levels"));
  }

  private static RpcMessage tooLong(String abridged) {
    return READER.tooLong(abridged.getBytes(UTF_8), 64);
  }

  private static RpcMessage read(String line) {
    List<RpcMessage> messages = READER.read(Serialization.NDJSON, line.getBytes(UTF_8));
    assertThat(messages).hasSize(1);
    return messages.getFirst();
  }

  private static List<RpcMessage> readJson(String json) {
    return READER.read(Serialization.JSON, json.getBytes(UTF_8));
  }
}
