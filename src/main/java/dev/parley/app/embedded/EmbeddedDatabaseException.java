package dev.parley.app.embedded;

import java.nio.file.Path;

/// The embedded PostgreSQL cannot be used; the message says what to do about it.
public final class EmbeddedDatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private EmbeddedDatabaseException(String message, Throwable cause) {
    super(message, cause);
  }

  private EmbeddedDatabaseException(String message) {
    super(message);
  }

  static EmbeddedDatabaseException noBinaries(String archive) {
    return new EmbeddedDatabaseException(
        "This build carries no PostgreSQL for this machine ("
            + archive
            + "): set QUARKUS_DATASOURCE_REACTIVE_URL to a PostgreSQL to use");
  }

  static EmbeddedDatabaseException noAccount() {
    return new EmbeddedDatabaseException(
        "PostgreSQL does not run as root, and neither unshare nor setpriv works here:"
            + " run Parley as an ordinary user or set QUARKUS_DATASOURCE_REACTIVE_URL");
  }

  static EmbeddedDatabaseException busy(Path dataDir) {
    return new EmbeddedDatabaseException(
        "Another process has been starting or stopping the PostgreSQL in " + dataDir + " too long");
  }

  static EmbeddedDatabaseException openTwice(Path dataDir) {
    return new EmbeddedDatabaseException(dataDir + " is already open in this process");
  }

  static EmbeddedDatabaseException notReady(Path dataDir, String why) {
    return new EmbeddedDatabaseException(
        "The PostgreSQL that runs in " + dataDir + " does not get ready: " + why);
  }

  static EmbeddedDatabaseException commandFailed(String command, String output) {
    return new EmbeddedDatabaseException("PostgreSQL's " + command + " failed:\n" + output);
  }

  static EmbeddedDatabaseException io(String doing, Exception cause) {
    return new EmbeddedDatabaseException(doing + ": " + cause.getMessage(), cause);
  }
}
