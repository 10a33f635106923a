package dev.parley.agent.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.JsonText;
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
  void readsNumbersAndWordsOfJsonAsTheyStand() {
    assertThat(JsonWords.text(new JsonText("1.50"))).isEqualTo("1.50");
    assertThat(JsonWords.text(new JsonText("null"))).isEqualTo("null");
  }
}
