package dev.parley.effect.discrete;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WebhookSecretTest {
  /// The example that the libraries of Standard Webhooks test themselves with.
  @Test
  void signsAsStandardWebhooksDo() {
    WebhookSecret secret = WebhookSecret.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    assertThat(secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "{\"test\": 2432232314}"))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void takesTheBytesOfATextWithoutThePrefix() {
    // printf 'a.1.b' | openssl dgst -sha256 -hmac 'plain text' -binary | base64
    assertThat(WebhookSecret.of("plain text").sign("a", "1", "b"))
        .isEqualTo("v1,3Rc7qao2yBheR+nlbFSRdMYscQl1+hwrzQdoztH7pUk=");
  }

  @Test
  void isShownNowhere() {
    assertThat(WebhookSecret.of("plain text")).hasToString("a secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "whsec_", "whsec_no base64!"})
  void refusesWhatIsNoSecretWithoutQuotingIt(String text) {
    assertThatThrownBy(() -> WebhookSecret.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasNoCause()
        .hasMessageNotContaining("no base64!");
  }
}
