package dev.parley.effect.discrete;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What signs webhooks. Never shown.
///
/// Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
public final class WebhookSecret {
  private static final String PREFIX = "whsec_";
  private static final String ALGORITHM = "HmacSHA256";
  private static final String VERSION = "v1,";

  private final SecretKeySpec key;

  private WebhookSecret(byte[] key) {
    this.key = new SecretKeySpec(key, ALGORITHM);
  }

  /// @param text base64 behind the prefix `whsec_`; without it the text is the key
  /// @throws IllegalArgumentException when it is empty or no base64; does not quote it
  public static WebhookSecret of(String text) {
    byte[] key;
    if (text.startsWith(PREFIX)) {
      try {
        key = Base64.getDecoder().decode(text.substring(PREFIX.length()));
      } catch (IllegalArgumentException e) {
        // Not as a cause: it quotes what it was given.
        throw new IllegalArgumentException("what follows " + PREFIX + " is no base64");
      }
    } else {
      key = text.getBytes(StandardCharsets.UTF_8);
    }
    if (key.length == 0) {
      throw new IllegalArgumentException("it is empty");
    }
    return new WebhookSecret(key);
  }

  /// The value of `webhook-signature`.
  ///
  /// @param timestamp the value of `webhook-timestamp`
  String sign(String id, String timestamp, String body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      byte[] signed = (id + "." + timestamp + "." + body).getBytes(StandardCharsets.UTF_8);
      return VERSION + Base64.getEncoder().encodeToString(mac.doFinal(signed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  @Override
  public String toString() {
    return "a secret";
  }
}
