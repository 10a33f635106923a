package dev.parley.testing;

import dev.parley.loop.Ids;
import java.util.UUID;

/// Ids that are counted, so that every run of a test has the same ones.
public final class CountedIds implements Ids {
  private long count;

  @Override
  public String next() {
    return "%026d".formatted(++count);
  }

  @Override
  public UUID commit() {
    return new UUID(0, ++count);
  }
}
