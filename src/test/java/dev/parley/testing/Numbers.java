package dev.parley.testing;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What the demo agent says when it counts: a token is a number and a space.
public final class Numbers {
  private Numbers() {}

  /// The whole answer to `/count N`.
  public static String upTo(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(n -> n + " ").collect(Collectors.joining());
  }

  /// Tokens of an answer, or of its beginning.
  public static int tokens(String text) {
    return (int) text.chars().filter(c -> c == ' ').count();
  }
}
