package dev.parley.session;

/// Which life of a key: another one after the session was deleted and created again, so that a
/// cursor of the old one is never taken for one of the new.
public record Incarnation(String value) {
  public Incarnation {
    if (value.isEmpty() || value.length() > 128) {
      throw new IllegalArgumentException("an incarnation has 1 to 128 characters");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
