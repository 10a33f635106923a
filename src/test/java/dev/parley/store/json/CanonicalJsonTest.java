package dev.parley.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.content.JsonText;
import java.util.List;
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

  /// What is stored has it inside of something.
  @ParameterizedTest
  @ValueSource(ints = {901, 999, 5_000})
  void refusesWhatNestsTooDeepToBeReadBack(int levels) {
    String deep = "[".repeat(levels) + "]".repeat(levels);
    assertThatThrownBy(() -> CanonicalJson.of(deep)).isInstanceOf(UnreadableException.class);
  }

  /// Its canonical spelling may be longer than its own.
  @ParameterizedTest
  @CsvSource({"1001, ''", "999, e1", "998, e1", "998, e10", "997, e10", "997, e+100"})
  void refusesANumberTooLongToBeReadBack(int digits, String exponent) {
    for (String sign : List.of("", "-")) {
      String number = sign + "1".repeat(digits) + exponent;
      assertThatThrownBy(() -> CanonicalJson.of("[" + number + "]"))
          .isInstanceOf(UnreadableException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({"1000, ''", "997, e1", "996, e10", "990, e+2147482650", "990, e-2147480000"})
  void canBeReadBack(int digits, String exponent) {
    String canonical = CanonicalJson.of("[" + "1".repeat(digits) + exponent + "]").text();
    assertThat(CanonicalJson.of(canonical).text()).isEqualTo(canonical);
  }
}
