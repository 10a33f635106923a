package dev.parley.wire.rpc.codec;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// What is kept of a message that is too long to be kept: its small fields, wherever they stand, so
/// that it can still be answered by its name. Looks at each byte once, as it goes by; what is not
/// JSON gives an abridgement that is none either.
final class Abridgement {
  /// Bytes of one field, its name included, that count as small: names of calls are.
  static final int FIELD_BYTES_MAX = 1024;

  /// Bytes of all of them; later ones are left out.
  static final int KEPT_BYTES_MAX = 4 * FIELD_BYTES_MAX;

  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private final ByteArrayOutputStream field = new ByteArrayOutputStream();
  private int depth;
  private boolean inString;
  private boolean escaped;

  /// The field holds an object or an array, or is too large.
  private boolean large;

  /// What comes next of the message.
  void feed(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      next(bytes[i]);
    }
  }

  /// An object of the small fields so far.
  byte[] json() {
    return ("{" + kept.toString(StandardCharsets.UTF_8) + "}").getBytes(StandardCharsets.UTF_8);
  }

  private void next(byte b) {
    if (inString) {
      inString = escaped || b != '"';
      escaped = !escaped && b == '\\';
      keep(b);
      return;
    }
    switch (b) {
      case '{', '[' -> {
        large = large || depth > 0;
        depth++;
      }
      case '}', ']' -> {
        depth--;
        if (depth == 0) {
          endField();
        }
      }
      case ',' -> {
        if (depth == 1) {
          endField();
        }
      }
      default -> {
        inString = b == '"';
        keep(b);
      }
    }
  }

  private void keep(byte b) {
    if (field.size() == FIELD_BYTES_MAX) {
      large = true;
    }
    if (!large && depth == 1) {
      field.write(b);
    }
  }

  private void endField() {
    if (!large && field.size() > 0 && kept.size() + field.size() < KEPT_BYTES_MAX) {
      if (kept.size() > 0) {
        kept.write(',');
      }
      kept.writeBytes(field.toByteArray());
    }
    field.reset();
    large = false;
  }
}
