package dev.parley.wire.call;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;

/// The parser of everything that strangers send.
///
/// It remembers no field name: Jackson would keep 12 000 of them, of up to 50 000 characters each,
/// for good, and strangers choose them.
public final class JsonLimits {
  /// Levels of one message that may be allowed. Far above what a message part needs, and low enough
  /// that what is accepted can be read back from inside the store's own objects.
  public static final int DEPTH_MAX = 128;

  /// A batch of messages, a message, its payload, a part and something in it.
  private static final int DEPTH_MIN = 8;

  public static final JsonLimits DEFAULTS = new JsonLimits(DEPTH_MAX);

  private final int depthMax;
  private final JsonFactory factory;

  /// @param depthMax levels of one message
  /// @throws IllegalArgumentException when there is no room for a message, or more than can be kept
  public JsonLimits(int depthMax) {
    if (depthMax < DEPTH_MIN || depthMax > DEPTH_MAX) {
      throw new IllegalArgumentException(
          "parley.json.depth-max is " + DEPTH_MIN + " to " + DEPTH_MAX);
    }
    this.depthMax = depthMax;
    this.factory =
        JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(
                StreamReadConstraints.builder().maxNestingDepth(depthMax).build())
            .build();
  }

  public int depthMax() {
    return depthMax;
  }

  /// A parser whose locations are character offsets in `text`.
  public JsonParser parser(String text) throws IOException {
    return factory.createParser(text);
  }

  /// The text of the value the parser stands on; afterwards the parser stands on its end.
  public static String slice(JsonParser parser, String text) throws IOException {
    int from = Math.toIntExact(parser.currentTokenLocation().getCharOffset());
    parser.skipChildren();
    parser.finishToken();
    return text.substring(from, Math.toIntExact(parser.currentLocation().getCharOffset()));
  }
}
