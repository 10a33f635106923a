package dev.parley.app;

import io.smallrye.config.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Optional;

/// Secrets, which stand in the configuration or in a file that it names. What they say is shown
/// nowhere.
final class Secrets {
  private static final String FILE = "-file";

  /// More than any key, token or certificate has.
  private static final int BYTES_MAX = 16 * 1024;

  private Secrets() {}

  /// The secret, without white space around it; empty when neither is given.
  ///
  /// @param setting what `text` is called; `file` is called so with `-file` behind it
  /// @throws StartRefusedException both are given, or the file cannot be read or has nothing in it
  static Optional<String> of(String setting, Optional<Secret<String>> text, Optional<Path> file) {
    Optional<String> given = text.flatMap(Secrets::value).map(String::strip);
    if (given.isPresent() && file.isPresent()) {
      throw new StartRefusedException(
          "Only one of " + setting + " and " + setting + FILE + " can be given");
    }
    return given.or(() -> file.map(path -> content(setting + FILE, path)));
  }

  /// A secret that is not configured is an object all the same, without a value.
  static Optional<String> value(Secret<String> secret) {
    try {
      return Optional.ofNullable(secret.get()).filter(text -> !text.isBlank());
    } catch (NoSuchElementException e) {
      return Optional.empty();
    }
  }

  private static String content(String setting, Path file) {
    byte[] content;
    try (InputStream in = Files.newInputStream(file)) {
      content = in.readNBytes(BYTES_MAX + 1);
    } catch (IOException e) {
      throw new StartRefusedException(setting + " cannot be read: " + e.getClass().getSimpleName());
    }
    Checked.holds(content.length <= BYTES_MAX, setting, "names a file that is no secret's");
    String secret = new String(content, StandardCharsets.UTF_8).strip();
    Checked.holds(!secret.isEmpty(), setting, "names a file with nothing in it");
    return secret;
  }
}
