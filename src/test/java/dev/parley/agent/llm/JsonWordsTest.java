package dev.parley.agent.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.JsonText;
import dev.parley.store.json.CanonicalJson;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What tools say, as JSON and as a model reads it.
class JsonWordsTest {
  @ParameterizedTest
  @ValueSource(strings = {"{\"n\":1}", "[1,\"ü\"]"})
  void takesAToolsOwnJsonAsItIs(String said) {
    assertThat(JsonWords.json(" " + said + "\n")).isEqualTo(new JsonText(said));
    assertThat(JsonWords.text(new JsonText(said))).isEqualTo(said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "fine", "12", "true", "{broken", "[1] and more", "a \"b\" \\ \n ü ☃"})
  void takesEverythingElseAsAText(String said) {
    assertThat(JsonWords.text(JsonWords.json(said))).isEqualTo(said);
  }

  @Test
  void takesAsATextWhatCouldNotBeReadBackOnceItIsStored() {
    for (String said : List.of("[" + "1".repeat(998) + "e1]", "[".repeat(998) + "]".repeat(998))) {
      assertThat(JsonWords.json(said)).isEqualTo(JsonWords.string(said));
      assertThat(JsonWords.isObject("{\"a\":" + said + "}")).isFalse();
    }
    JsonText longest = JsonWords.json("[" + "1".repeat(970) + "e10]");
    assertThat(longest.text()).startsWith("[1");
    assertThat(JsonWords.text(CanonicalJson.of(longest.text()))).startsWith("[1.1");
  }

  @Test
  void readsNumbersAndWordsOfJsonAsTheyStand() {
    assertThat(JsonWords.text(new JsonText("1.50"))).isEqualTo("1.50");
    assertThat(JsonWords.text(new JsonText("null"))).isEqualTo("null");
  }
}
