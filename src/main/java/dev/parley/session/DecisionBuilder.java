package dev.parley.session;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.Decision.NumberedFrame;
import dev.parley.session.SessionState.Core;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import java.util.ArrayList;
import java.util.List;

/// A decision in the making: numbers what happens and folds it at once, so that the state it ends
/// with is the fold by construction. Lives within one call of the decider.
final class DecisionBuilder {
  private final List<NumberedEvent> events = new ArrayList<>();
  private final List<NumberedFrame> frames = new ArrayList<>();
  private final List<Effect> effects = new ArrayList<>();
  private Decision.Checkpoint checkpoint = new Decision.Checkpoint.Same();
  private SessionState state;

  DecisionBuilder(SessionState state) {
    this.state = state;
  }

  void happened(Event event, Frame... caused) {
    long frameSeq = state.frameSeq();
    for (Frame frame : caused) {
      frames.add(new NumberedFrame(++frameSeq, frame));
    }
    events.add(new NumberedEvent(state.eventSeq() + 1, frameSeq, event));
    state = state.evolve(event, frameSeq);
  }

  void said(Content content) {
    Streaming next = streaming().say(content);
    frames.add(
        new NumberedFrame(next.frameSeq(), new Frame.StreamEvent(next.turn().turnId(), content)));
    state = next;
  }

  void causes(Effect effect) {
    effects.add(effect);
  }

  void checkpoint(Decision.Checkpoint now) {
    checkpoint = now;
  }

  long frameSeq() {
    return state.frameSeq();
  }

  SessionState state() {
    return state;
  }

  Core core() {
    return ((Present) state).core();
  }

  Streaming streaming() {
    return (Streaming) state;
  }

  Decision.Accepted decision(Reply reply) {
    return new Decision.Accepted(events, frames, effects, state, checkpoint, reply);
  }
}
