package dev.parley.session;

import dev.parley.content.JsonText;

/// What must be done outside because of what happened, written with it or not at all. Frames are
/// effects too (`send_message`), with a table of their own because there are so many; these are the
/// discrete ones.
///
/// @param id new for ever; the idempotency key of its execution
/// @param dedupeKey at most one effect of this key is stored per session; printable ASCII
public record Effect(String id, Kind kind, String dedupeKey, JsonText payload) {
  /// The kinds, by the words the store and operators see.
  public enum Kind {
    CALL_WEBHOOK("call_webhook");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }
}
