package dev.parley.store.json;

import dev.parley.content.JsonText;

/// One text for one JSON value, so that what was accepted and what is read back are the same text.
/// Numbers keep their value exactly, whatever their size; of a name that stands twice the last
/// counts.
public final class CanonicalJson {
  private CanonicalJson() {}

  /// @throws UnreadableException when it is no JSON, or nests deeper or has longer numbers than can
  ///   be read back
  public static JsonText of(String text) {
    JsonText canonical = Json.text(Json.tree(text));
    Json.checkReadable(canonical.text());
    return canonical;
  }
}
