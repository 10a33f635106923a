package dev.parley.content;

import org.jspecify.annotations.Nullable;

/// Text that grows at its end and can be shared: every value stays as it was when a longer one is
/// made from it. A chunk is merged into a later one that is at least as long, as the digits of a
/// binary counter are, so that n appends of like length copy O(n log n) characters in all.
final class Rope {
  private final @Nullable Rope before;
  private final String last;
  private final int length;

  private Rope(@Nullable Rope before, String last) {
    this.before = before;
    this.last = last;
    this.length = (before == null ? 0 : before.length) + last.length();
  }

  static Rope of(String text) {
    return new Rope(null, text);
  }

  Rope append(String text) {
    Rope base = this;
    String tail = text;
    while (base != null && base.last.length() <= tail.length()) {
      tail = base.last + tail;
      base = base.before;
    }
    return new Rope(base, tail);
  }

  @Override
  public String toString() {
    if (before == null) {
      return last;
    }
    char[] all = new char[length];
    int end = length;
    for (Rope at = this; at != null; at = at.before) {
      end -= at.last.length();
      at.last.getChars(0, at.last.length(), all, end);
    }
    return new String(all);
  }
}
