package dev.parley.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.content.JsonText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CanonicalJsonTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{ \"b\" : 1 , \"a\" : [ ] } | {\"b\":1,\"a\":[]}",
        "{\"a\":1,\"a\":2} | {\"a\":2}",
        "1.50 | 1.50",
        "12345678901234567890.1234567890123456789 | 12345678901234567890.1234567890123456789",
        "1e400 | 1E+400",
        "null | null",
        "\"\\u0041\" | \"A\"",
        "\"\\u0000\" | \"\\u0000\""
      })
  void keepsTheValueAndChoosesTheSpelling(String text, String canonical) {
    assertThat(CanonicalJson.of(text).text()).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e400", "1E-7", "-0", "-0.0", "0e9", "100", "1.0e2", "\"\\u2028\""})
  void isItsOwnCanonicalForm(String text) {
    String canonical = CanonicalJson.of(text).text();
    assertThat(CanonicalJson.of(canonical).text()).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "{", "1 2", "NaN", "'a'", "[1,]", "{a:1}", "1e99999999999"})
  void refusesWhatIsNoJson(String text) {
    assertThatThrownBy(() -> CanonicalJson.of(text)).isInstanceOf(UnreadableException.class);
  }

  /// UTF-8 has no half of a surrogate pair: the escape is all that can be stored of it.
  @Test
  void keepsHalfASurrogatePairAsAnEscape() {
    JsonText once = CanonicalJson.of("{\"a\":\"\\ud800 \\ud83d\\ude00 \\udc00\"}");
    assertThat(once.text()).isEqualTo("{\"a\":\"\\ud800 \ud83d\ude00 \\udc00\"}");
    assertThat(CanonicalJson.of(once.text())).isEqualTo(once);
  }

  @Test
  void refusesWhatNestsTooDeepToBeReadBack() {
    String deep = "[".repeat(5_000) + "]".repeat(5_000);
    assertThatThrownBy(() -> CanonicalJson.of(deep)).isInstanceOf(UnreadableException.class);
  }

  @Test
  void refusesANumberTooLongToBeReadBack() {
    assertThatThrownBy(() -> CanonicalJson.of("1".repeat(1_001)))
        .isInstanceOf(UnreadableException.class);
  }
}
