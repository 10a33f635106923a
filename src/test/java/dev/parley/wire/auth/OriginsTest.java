package dev.parley.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OriginsTest {
  private final Origins none = new Origins(List.of(), false);

  @Test
  void letsWhatIsNoPageIn() {
    assertThat(none.allows(List.of(), "http", "parley.example")).isTrue();
    assertThat(none.allows(List.of(), null, null)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "http://parley.example, http, parley.example, true",
    "http://Parley.Example, http, parley.EXAMPLE:80, true",
    "https://parley.example:443, https, parley.example, true",
    "https://parley.example:8443, https, parley.example:8443, true",
    "http://[2001:db8::1]:8080, http, [2001:db8::1]:8080, true",
    "http://[2001:db8::80], http, [2001:db8::80], true",
    "https://parley.example, http, parley.example, false",
    "http://parley.example:8080, http, parley.example, false",
    "http://parley.example:443, http, parley.example:80, false",
    "http://parley.example.evil.example, http, parley.example, false",
    "http://evil.example, http, parley.example, false",
    "null, http, parley.example, false",
    "'', http, parley.example, false",
  })
  void letsItsOwnPagesIn(String origin, String scheme, String authority, boolean allowed) {
    assertThat(none.allows(List.of(origin), scheme, authority)).isEqualTo(allowed);
  }

  @Test
  void believesNobodyWhoNamesTwo() {
    List<String> two = List.of("http://parley.example", "http://evil.example");
    assertThat(none.allows(two, "http", "parley.example")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "https://chat.example, true",
    "HTTPS://CHAT.example:443, true",
    "https://a.pages.example, true",
    "https://pages.example, false",
    "http://chat.example, false",
    "https://chat.example.evil.example, false",
    "null, false",
  })
  void letsPagesOfListedSitesIn(String origin, boolean allowed) {
    Origins listed =
        new Origins(List.of("https://chat.example", "/https://[a-z]+\\.pages\\.example/"), false);
    assertThat(listed.allows(List.of(origin), "http", "parley.example")).isEqualTo(allowed);
  }

  @Test
  void letsEverybodyInWhoIsToldTo() {
    Origins all = new Origins(List.of("*"), true);
    assertThat(all.allows(List.of("https://any.example"), "http", "localhost:8080")).isTrue();
  }

  /// Any name can be given the address of this node, by whoever owns the name.
  @ParameterizedTest
  @CsvSource({
    "localhost:8080, true",
    "LOCALHOST:8080, true",
    "parley.localhost, true",
    "127.0.0.1:8080, true",
    "127.1.2.3, true",
    "[::1]:8080, true",
    "192.168.1.5:8080, true",
    "[fd00::5], true",
    "parley, false",
    "evil.example:8080, false",
    "127.0.0.1.evil.example, false",
    "localhost.evil.example, false",
  })
  void knowsItsOwnPagesByNamesThatNoSiteCanHaveWhereNobodyIsAsked(
      String authority, boolean allowed) {
    Origins local = new Origins(List.of(), true);
    assertThat(local.allows(List.of("http://" + authority), "http", authority)).isEqualTo(allowed);
  }
}
