package dev.parley.wire.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.content.JsonText;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessagePartsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"text\",\"text\":\"\",\"state\":\"done\",\"further\":[{\"a\":1}]}",
        "{\"type\":\"reasoning\",\"text\":\"hm\"}",
        "{\"type\":\"file\",\"mediaType\":\"a/b\",\"url\":\"u\",\"filename\":\"f\"}",
        "{\"type\":\"source-url\",\"sourceId\":\"s\",\"url\":\"u\",\"title\":\"t\"}",
        "{\"type\":\"source-document\",\"sourceId\":\"s\",\"mediaType\":\"a/b\",\"title\":\"t\"}",
        "{\"type\":\"step-start\"}",
        "{\"type\":\"tool-x\",\"toolCallId\":\"c\",\"state\":\"output-error\",\"errorText\":\"e\"}",
        "{\"type\":\"dynamic-tool\",\"toolCallId\":\"c\",\"toolName\":\"x\",\"state\":\"s\",\"input\":1}",
        "{\"type\":\"data-x\",\"data\":null}",
        "{\"type\":\"data-x\",\"id\":\"i\",\"data\":{\"a\":[1]}}",
      })
  void takesEveryPartThatHistoryKnows(String part) {
    assertThat(MessageParts.read("[" + part + "]", "parts"))
        .isEqualTo(new JsonText("[" + part + "]"));
  }

  @Test
  void takesNoPartsForNone() {
    assertThat(MessageParts.read(" [ ] ", "parts")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"text\":\"x\"}",
        "{\"type\":7}",
        "{\"type\":null}",
        "{\"type\":\"\"}",
        "{\"type\":\"Text\",\"text\":\"x\"}",
        "{\"type\":\"text\"}",
        "{\"type\":\"text\",\"text\":null}",
        "{\"type\":\"text\",\"text\":\"x\",\"state\":1}",
        "{\"type\":\"text\",\"text\":\"x\",\"type\":\"file\"}",
        "{\"type\":\"reasoning\",\"text\":[\"x\"]}",
        "{\"type\":\"file\",\"mediaType\":\"a/b\"}",
        "{\"type\":\"file\",\"url\":\"u\"}",
        "{\"type\":\"file\",\"mediaType\":\"a/b\",\"url\":\"u\",\"filename\":null}",
        "{\"type\":\"source-url\",\"sourceId\":\"s\"}",
        "{\"type\":\"source-document\",\"sourceId\":\"s\",\"mediaType\":\"a/b\"}",
        "{\"type\":\"tool-\",\"toolCallId\":\"c\",\"state\":\"s\"}",
        "{\"type\":\"tool-x\",\"state\":\"s\"}",
        "{\"type\":\"tool-x\",\"toolCallId\":\"c\"}",
        "{\"type\":\"dynamic-tool\",\"toolCallId\":\"c\",\"state\":\"s\"}",
        "{\"type\":\"data-\",\"data\":1}",
        "{\"type\":\"data-x\"}",
        "{\"type\":\"data-x\",\"id\":1,\"data\":1}",
        "{\"type\":\"step-start\",\"a\":{\"b\":[\"\\u0000\"]}}",
        "{\"type\":\"step-start\",\"\\udc00\":1}",
        "{\"type\":\"step-start\",\"a\":{\"\\udc00\":1}}",
        "1",
        "[]",
      })
  void refusesEveryOtherPart(String part) {
    assertRefused("[{\"type\":\"step-start\"}," + part + "]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "1", "[", "[{\"type\":\"step-start\"", "[{\"type\":\"step-start\"}"})
  void refusesWhatIsNoArray(String parts) {
    assertRefused(parts);
  }

  private static void assertRefused(String parts) {
    assertThatThrownBy(() -> MessageParts.read(parts, "theParts"))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused ->
                assertThat(refused.refusal())
                    .isInstanceOfSatisfying(
                        Refusal.InvalidRequest.class,
                        invalid -> assertThat(invalid.field()).isEqualTo("theParts")));
  }
}
