package dev.parley.wire.call;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;

/// The parser of everything that strangers send.
public final class JsonLimits {
  /// Levels of one message. Far above what a message part needs, and low enough that what is
  /// accepted can be read back from inside the store's own objects.
  public static final int DEPTH_MAX = 128;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
          .build();

  private JsonLimits() {}

  /// A parser whose locations are character offsets in `text`.
  public static JsonParser parser(String text) throws IOException {
    return FACTORY.createParser(text);
  }

  /// The text of the value the parser stands on; afterwards the parser stands on its end.
  public static String slice(JsonParser parser, String text) throws IOException {
    int from = Math.toIntExact(parser.currentTokenLocation().getCharOffset());
    parser.skipChildren();
    parser.finishToken();
    return text.substring(from, Math.toIntExact(parser.currentLocation().getCharOffset()));
  }
}
