package dev.parley.store;

import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.Event;
import dev.parley.store.json.EventJson;

/// An event as the store keeps it.
///
/// @param frameSeq the frame head behind it
record StoredEvent(long seq, long frameSeq, String type, int version, String payload) {

  static StoredEvent of(NumberedEvent numbered) {
    EventJson.Stored stored = EventJson.encode(numbered.event());
    return new StoredEvent(
        numbered.seq(), numbered.frameSeq(), stored.type(), stored.version(), stored.payload());
  }

  /// @throws dev.parley.store.json.UnreadableException for what this version cannot read
  Event event() {
    return EventJson.decode(type, version, payload);
  }
}
