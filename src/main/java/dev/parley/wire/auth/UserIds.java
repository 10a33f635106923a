package dev.parley.wire.auth;

import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Pattern;

/// What a user of an issuer is called in keys (requirement U1).
///
/// The value itself, where it can be part of a key; else `u_` and the base64url of the SHA-256 of
/// issuer, line feed and value. A value that already looks like one of those is mapped too: whoever
/// chooses his own name would else choose that of another.
public final class UserIds {
  private static final String MAPPED = "u_";
  private static final Pattern LIKE_MAPPED = Pattern.compile(MAPPED + "[A-Za-z0-9_-]{43}");

  private UserIds() {}

  /// @param value the claim's, not empty
  public static String of(String issuer, String value) {
    return isPart(value) && !LIKE_MAPPED.matcher(value).matches()
        ? value
        : MAPPED + digest(issuer + "\n" + value);
  }

  private static boolean isPart(String value) {
    try {
      String _ = SessionKey.Part.USER_ID.checked(value);
      return true;
    } catch (RefusedException no) {
      return false;
    }
  }

  private static String digest(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(sha256(text.getBytes(StandardCharsets.UTF_8)));
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
