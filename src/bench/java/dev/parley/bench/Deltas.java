package dev.parley.bench;

import java.util.function.Consumer;
import java.util.function.LongConsumer;

/// The texts of deltas in a line of JSON, found without parsing it: the demo agent's words need no
/// escapes.
public final class Deltas {
  private static final String DELTA = "\"delta\":\"";

  private Deltas() {}

  /// Gives the characters of all of them.
  public static long forEach(String line, Consumer<String> delta) {
    long chars = 0;
    for (int at = line.indexOf(DELTA); at >= 0; at = line.indexOf(DELTA, at + 1)) {
      String text = line.substring(at + DELTA.length(), line.indexOf('"', at + DELTA.length()));
      chars += text.length();
      delta.accept(text);
    }
    return chars;
  }

  /// Gives the characters of all of them.
  public static long chars(String line) {
    return forEach(line, _ -> {});
  }

  /// Characters of `/count n`.
  public static long charsOfCount(int n) {
    long chars = 0;
    for (int i = 1; i <= n; i++) {
      chars += Integer.toString(i).length() + 1;
    }
    return chars;
  }

  /// The times at which the tokens of `/stamp` in a delta were made: each is an n, the clock in
  /// nanoseconds, and a space.
  public static void stamps(String delta, LongConsumer made) {
    for (int at = 0; at < delta.length(); ) {
      int end = delta.indexOf(' ', at);
      made.accept(Long.parseLong(delta, at + 1, end, 10));
      at = end + 1;
    }
  }
}
