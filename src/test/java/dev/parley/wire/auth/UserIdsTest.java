package dev.parley.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.session.SessionKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserIdsTest {
  private static final String ISSUER = "https://issuer.example";

  @ParameterizedTest
  @ValueSource(strings = {"ann", "248289761001", "a_b-C", "u_", "u_short", "U_x"})
  void leavesAValueThatCanBePartOfAKey(String value) {
    assertThat(UserIds.of(ISSUER, value)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ann@example.com", "auth0|12", "a:b", "a b", "ü", "\n", "\0"})
  void mapsAValueThatCannot(String value) {
    String mapped = UserIds.of(ISSUER, value);
    assertThat(mapped).matches("u_[A-Za-z0-9_-]{43}").isEqualTo(UserIds.of(ISSUER, value));
    assertThat(SessionKey.Part.USER_ID.checked(mapped)).isEqualTo(mapped);
    assertThat(UserIds.of("https://other.example", value)).isNotEqualTo(mapped);
  }

  @Test
  void mapsAValueThatIsTooLong() {
    assertThat(UserIds.of(ISSUER, "a".repeat(128))).hasSize(128);
    assertThat(UserIds.of(ISSUER, "a".repeat(129))).hasSize(45).startsWith("u_");
  }

  @Test
  void mapsWhatRequirementU1Says() {
    // printf 'https://issuer.example\nann@example.com' | openssl dgst -sha256 -binary | base64url
    assertThat(UserIds.of(ISSUER, "ann@example.com"))
        .isEqualTo("u_vSUKcdRWJsu8lKnePkntFgWmG1It3xrfLEyntcKq83g");
  }

  @Test
  void letsNobodyCallHimselfAsAnotherIsMapped() {
    String ann = UserIds.of(ISSUER, "ann@example.com");
    assertThat(UserIds.of(ISSUER, ann)).isNotEqualTo(ann).startsWith("u_");
  }
}
