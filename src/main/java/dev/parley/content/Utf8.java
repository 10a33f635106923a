package dev.parley.content;

/// UTF-8 as limits and the store see it: lengths without encoding, and what cannot be encoded.
public final class Utf8 {
  private Utf8() {}

  /// Bytes that the text takes in UTF-8; a lone surrogate counts as the three bytes of U+FFFD.
  public static long length(String text) {
    return length(text, 0, text.length());
  }

  /// As [#length(String)], of a part of the text.
  public static long length(String text, int begin, int end) {
    long bytes = (long) end - begin;
    for (int i = begin; i < end; i++) {
      char c = text.charAt(i);
      if (c >= 0x800) {
        if (Character.isHighSurrogate(c)
            && i + 1 < end
            && Character.isLowSurrogate(text.charAt(i + 1))) {
          i++;
        }
        bytes += 2;
      } else if (c >= 0x80) {
        bytes++;
      }
    }
    return bytes;
  }

  /// Whether the text can be stored and sent as it is: no NUL (PostgreSQL's `text` has none) and no
  /// surrogate without its partner (UTF-8 has none).
  public static boolean isStorable(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return false;
      }
      if (Character.isSurrogate(c)) {
        if (Character.isLowSurrogate(c)
            || i + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  /// The text with U+FFFD for every surrogate that has no partner, as UTF-8 encoders of the world
  /// do.
  public static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return new String(
            text.codePoints().map(Utf8::scalar).toArray(),
            0,
            text.codePointCount(0, text.length()));
      }
    }
    return text;
  }

  private static int scalar(int codePoint) {
    return isHalf(codePoint) ? 0xFFFD : codePoint;
  }

  /// The JSON with an escape for every surrogate that has no partner: JSON can say it, and UTF-8
  /// not otherwise.
  public static String escaped(String json) {
    for (int i = 0; i < json.length(); i++) {
      if (Character.isSurrogate(json.charAt(i))) {
        StringBuilder escaped = new StringBuilder(json.length() + 16);
        json.codePoints()
            .forEach(c -> {
              if (isHalf(c)) {
                escaped.append("\\u").append(Integer.toHexString(c));
              } else {
                escaped.appendCodePoint(c);
              }
            });
        return escaped.toString();
      }
    }
    return json;
  }

  private static boolean isHalf(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  /// Where the text can be cut so that what is between `from` and there takes at most `bytesMax`
  /// bytes and no character is split; at least one character, so that cutting always gets on.
  public static int cut(String text, int from, int bytesMax) {
    int bytes = 0;
    for (int i = from; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
      if (bytes > bytesMax && i > from) {
        return i;
      }
      i += Character.charCount(codePoint);
    }
    return text.length();
  }
}
