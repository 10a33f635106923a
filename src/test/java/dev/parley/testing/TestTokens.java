package dev.parley.testing;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;

/// An issuer of tokens: good ones, and such as strangers try.
public final class TestTokens {
  public static final String ISSUER = "https://issuer.example";
  public static final String AUDIENCE = "parley";
  private static final String KEY_ID = "k1";

  private final KeyPair keys = pair();
  private final KeyPair others = pair();

  private static KeyPair pair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has RSA", e);
    }
  }

  /// Settings of a server that believes this issuer.
  public Map<String, String> settings() {
    return Map.of(
        "PARLEY_AUTH",
        "jwt",
        "MP_JWT_VERIFY_ISSUER",
        ISSUER,
        "MP_JWT_VERIFY_AUDIENCES",
        AUDIENCE,
        "MP_JWT_VERIFY_CLOCK_SKEW",
        "1",
        "MP_JWT_VERIFY_PUBLICKEY",
        publicKey());
  }

  private String publicKey() {
    return Base64.getEncoder().encodeToString(keys.getPublic().getEncoded());
  }

  /// The issuer's key, as it publishes it.
  public String keySet() {
    try {
      RsaJsonWebKey key = (RsaJsonWebKey) JsonWebKey.Factory.newJwk(keys.getPublic());
      key.setKeyId(KEY_ID);
      return "{\"keys\":[" + key.toJson() + "]}";
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  public String of(String subject, String... groups) {
    return of(subject, Duration.ofHours(1), groups);
  }

  public String of(String subject, Duration life, String... groups) {
    return signed(claims(subject, life, groups), keys.getPrivate());
  }

  /// A good token but for what is changed.
  public String changed(String subject, Consumer<JwtClaims> change) {
    JwtClaims claims = claims(subject, Duration.ofHours(1));
    change.accept(claims);
    return signed(claims, keys.getPrivate());
  }

  /// Signed by somebody else, who calls his key the same.
  public String forged(String subject) {
    return signed(claims(subject, Duration.ofHours(1)), others.getPrivate());
  }

  /// Signed by somebody else, with a key that nobody has heard of.
  public String unheardOf(String subject, String keyName) {
    return signed(claims(subject, Duration.ofHours(1)), others.getPrivate(), keyName);
  }

  /// Signed by nobody.
  public String unsigned(String subject) {
    JsonWebSignature jws = new JsonWebSignature();
    jws.setPayload(claims(subject, Duration.ofHours(1)).toJson());
    jws.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
    jws.setAlgorithmHeaderValue(AlgorithmIdentifiers.NONE);
    return compact(jws);
  }

  /// Signed with the public key, as if it were a secret.
  public String signedWithThePublicKey(String subject) {
    JsonWebSignature jws = new JsonWebSignature();
    jws.setPayload(claims(subject, Duration.ofHours(1)).toJson());
    jws.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
    jws.setKeyIdHeaderValue(KEY_ID);
    jws.setKey(new HmacKey(publicKey().getBytes(StandardCharsets.UTF_8)));
    return compact(jws);
  }

  private static JwtClaims claims(String subject, Duration life, String... groups) {
    JwtClaims claims = new JwtClaims();
    claims.setIssuer(ISSUER);
    claims.setAudience(AUDIENCE);
    claims.setSubject(subject);
    // one that has expired was issued before
    claims.setIssuedAt(seconds(Instant.now().minus(Duration.ofHours(2))));
    claims.setExpirationTime(seconds(Instant.now().plus(life)));
    claims.setGeneratedJwtId();
    claims.setStringListClaim("groups", List.of(groups));
    return claims;
  }

  private static NumericDate seconds(Instant instant) {
    return NumericDate.fromSeconds(instant.getEpochSecond());
  }

  private static String signed(JwtClaims claims, PrivateKey key) {
    return signed(claims, key, KEY_ID);
  }

  private static String signed(JwtClaims claims, PrivateKey key, String keyName) {
    JsonWebSignature jws = new JsonWebSignature();
    jws.setPayload(claims.toJson());
    jws.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_USING_SHA256);
    jws.setKeyIdHeaderValue(keyName);
    jws.setKey(key);
    return compact(jws);
  }

  private static String compact(JsonWebSignature jws) {
    try {
      return jws.getCompactSerialization();
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }
}
