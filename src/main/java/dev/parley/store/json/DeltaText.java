package dev.parley.store.json;

import org.jspecify.annotations.Nullable;

/// Where the text of a delta stands in the JSON of its frame, as [FrameJson] writes it. With it
/// deltas are joined as texts: what is said in JSON strings is said in the string of both, and
/// nothing is parsed.
///
/// @param about where the part of the head begins that deltas of one part have in common
/// @param begin where the text begins, after its quote
/// @param end where it ends, before its quote
public record DeltaText(int about, int begin, int end) {
  private static final String HEAD = "{\"_tag\":\"StreamEvent\",\"seq\":";
  private static final String TURN = ",\"turnId\":\"";
  private static final String EVENT = "\",\"event\":{\"type\":\"";
  private static final String TAIL = "\"}}";

  /// The kinds of deltas, up to their id, and what stands between that and their text.
  private static final String[][] KINDS = {
    {"text-delta\",\"id\":\"", "\",\"delta\":\""},
    {"reasoning-delta\",\"id\":\"", "\",\"delta\":\""},
    {"tool-input-delta\",\"toolCallId\":\"", "\",\"inputTextDelta\":\""},
  };

  /// The place of the text in the JSON of one frame; absent when it is no delta, or is several
  /// already.
  public static @Nullable DeltaText of(String json) {
    if (!json.startsWith(HEAD) || !json.endsWith(TAIL)) {
      return null;
    }
    int about = json.indexOf(',', HEAD.length());
    if (about < 0 || !json.startsWith(TURN, about)) {
      return null;
    }
    int event = json.indexOf('"', about + TURN.length());
    if (event < 0 || !json.startsWith(EVENT, event)) {
      return null;
    }
    int type = event + EVENT.length();
    for (String[] kind : KINDS) {
      if (json.startsWith(kind[0], type)) {
        int id = endOfString(json, type + kind[0].length());
        int begin = id + kind[1].length();
        boolean fits =
            json.startsWith(kind[1], id)
                && endOfString(json, begin) == json.length() - TAIL.length();
        return fits ? new DeltaText(about, begin, json.length() - TAIL.length()) : null;
      }
    }
    return null;
  }

  /// The quote that ends the string, as seen from its first character; the length when none does.
  private static int endOfString(String json, int from) {
    int at = from;
    while (at < json.length() && json.charAt(at) != '"') {
      at += json.charAt(at) == '\\' ? 2 : 1;
    }
    return Math.min(at, json.length());
  }

  /// Whether both are of the same turn, kind and part.
  ///
  /// @param json the frame that this one stands in
  /// @param otherJson the one that the other stands in
  public boolean joins(String json, DeltaText other, String otherJson) {
    int length = begin - about;
    return length == other.begin - other.about
        && json.regionMatches(about, otherJson, other.about, length);
  }

  /// The JSON of the frames from `firstSeq` to `seq` as one.
  ///
  /// @param json one of them, which this stands in
  /// @param texts what they say, as it stands in their JSON
  public String joined(String json, long firstSeq, long seq, CharSequence texts) {
    return new StringBuilder(texts.length() + begin + 32)
        .append("{\"_tag\":\"StreamEvent\",\"firstSeq\":")
        .append(firstSeq)
        .append(",\"seq\":")
        .append(seq)
        .append(json, about, begin)
        .append(texts)
        .append(TAIL)
        .toString();
  }
}
