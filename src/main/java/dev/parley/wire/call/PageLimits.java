package dev.parley.wire.call;

/// How much one page of each kind may have.
public record PageLimits(Limit history, Limit turns, Limit sessions) {

  /// @param normal items when the client does not say
  /// @param max items that it may ask for
  public record Limit(int normal, int max) {
    public Limit {
      if (normal < 1 || max < normal) {
        throw new IllegalArgumentException("a page has at least one item and at most its limit");
      }
    }
  }
}
