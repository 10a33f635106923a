package dev.parley.session;

import java.util.List;

/// What follows from a command.
public sealed interface Decision {

  /// @param events to append, numbered from the state's `eventSeq` on
  /// @param frames to append, numbered from the state's `frameSeq` on
  /// @param after the state once both are durable
  record Accepted(
      List<NumberedEvent> events,
      List<NumberedFrame> frames,
      List<Effect> effects,
      SessionState after,
      Reply reply)
      implements Decision {
    public Accepted {
      events = List.copyOf(events);
      frames = List.copyOf(frames);
      effects = List.copyOf(effects);
    }
  }

  record Refused(Refusal refusal) implements Decision {}

  /// @param frameSeq the frame head behind the event and the frames it caused
  record NumberedEvent(long seq, long frameSeq, Event event) {}

  record NumberedFrame(long seq, Frame frame) {}
}
