package dev.parley.store;

import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.SessionState;
import java.util.List;

/// The read tables made again from nothing but the stored events.
final class ReadTables {
  private ReadTables() {}

  static Projection replay(List<StoredEvent> stored) {
    List<NumberedEvent> events =
        stored.stream().map(e -> new NumberedEvent(e.seq(), e.frameSeq(), e.event())).toList();
    Projection all = Projection.of(new SessionState.Absent(), events);
    return new Projection(all.turns(), all.messages(), all.sends(), null);
  }

  /// The state that the events fold to; what a running turn has said is not in them.
  static SessionState fold(List<StoredEvent> stored) {
    SessionState state = new SessionState.Absent();
    for (StoredEvent event : stored) {
      state = state.evolve(event.event(), event.frameSeq());
    }
    return state;
  }
}
