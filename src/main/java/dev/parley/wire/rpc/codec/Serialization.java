package dev.parley.wire.rpc.codec;

import org.jspecify.annotations.Nullable;

/// How messages are kept apart. A connection reads and answers in one of them.
public enum Serialization {
  /// Each message is a line; lines are spread over what carries them in any way.
  NDJSON,
  /// The carrier keeps messages apart: a WebSocket message, or a body, is one of them or an array
  /// of them.
  JSON;

  private static final String PARAMETER = "serialization=";

  /// What the query of the connection's URL asks for.
  public static @Nullable Serialization asked(String query) {
    return switch (UrlQuery.value(query, PARAMETER)) {
      case "json" -> JSON;
      case "ndjson" -> NDJSON;
      case null, default -> null;
    };
  }

  /// What a client speaks whose first WebSocket message this is: JSON where it is an object, or an
  /// array, with its end and without that of a line. Whoever sends a line's end in a message of its
  /// own has to say so in the URL.
  public static Serialization of(byte[] first) {
    int depth = 0;
    boolean inString = false;
    boolean escaped = false;
    boolean whole = false;
    for (byte b : first) {
      boolean space = b == ' ' || b == '\t' || b == '\r';
      if (b == '\n' || (whole && !space)) {
        return NDJSON;
      }
      if (inString) {
        inString = escaped || b != '"';
        escaped = !escaped && b == '\\';
      } else if (b == '{' || b == '[') {
        depth++;
      } else if (b == '}' || b == ']') {
        depth--;
        whole = depth == 0;
      } else {
        inString = b == '"';
      }
    }
    return whole ? JSON : NDJSON;
  }
}
