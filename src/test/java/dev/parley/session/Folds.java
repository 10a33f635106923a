package dev.parley.session;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.Decision.NumberedFrame;
import dev.parley.session.SessionState.Streaming;
import java.util.List;

/// Folds what was stored to a state, as a recovery does: events in order, and what the agent said
/// between them from the frames.
final class Folds {
  private Folds() {}

  static SessionState fold(
      SessionState from, List<NumberedEvent> events, List<NumberedFrame> frames) {
    SessionState state = from;
    int next = 0;
    for (NumberedEvent event : events) {
      while (next < frames.size() && frames.get(next).seq() <= event.frameSeq()) {
        state = said(state, frames.get(next));
        next++;
      }
      state = state.evolve(event.event(), event.frameSeq());
    }
    for (NumberedFrame frame : frames.subList(next, frames.size())) {
      state = said(state, frame);
    }
    return state;
  }

  private static SessionState said(SessionState state, NumberedFrame frame) {
    return state instanceof Streaming streaming
            && frame.frame() instanceof Frame.StreamEvent told
            && told.event() instanceof Content content
            && told.turnId().equals(streaming.turn().turnId())
        ? streaming.say(content)
        : state;
  }
}
