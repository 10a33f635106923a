package dev.parley.session;

/// The name of one turn, the same in the store and on the wire.
public record TurnId(String value) {
  public TurnId {
    if (value.isEmpty() || value.length() > 128) {
      throw new IllegalArgumentException("a turn id has 1 to 128 characters");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
