package dev.parley.app.embedded;

/// The wait between two looks at another process.
final class Pause {
  private static final long MILLIS = 50;

  private Pause() {}

  static void aMoment() {
    try {
      Thread.sleep(MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw EmbeddedDatabaseException.io("Interrupted while waiting for PostgreSQL", e);
    }
  }
}
