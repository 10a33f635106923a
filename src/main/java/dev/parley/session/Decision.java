package dev.parley.session;

import dev.parley.content.JsonText;
import java.util.List;

/// What follows from a command.
public sealed interface Decision {

  /// @param events to append, numbered from the state's `eventSeq` on
  /// @param frames to append, numbered from the state's `frameSeq` on
  /// @param after the state once both are durable
  /// @param checkpoint what becomes of the agent's own state
  record Accepted(
      List<NumberedEvent> events,
      List<NumberedFrame> frames,
      List<Effect> effects,
      SessionState after,
      Checkpoint checkpoint,
      Reply reply)
      implements Decision {
    public Accepted {
      events = List.copyOf(events);
      frames = List.copyOf(frames);
      effects = List.copyOf(effects);
    }
  }

  record Refused(Refusal refusal) implements Decision {}

  /// What becomes of the state that an agent keeps of its own from turn to turn. A hint, not part
  /// of the session's state: it belongs to the history up to the turn that gave it, and is gone as
  /// soon as history is another one.
  sealed interface Checkpoint {
    record Same() implements Checkpoint {}

    record None() implements Checkpoint {}

    record Of(JsonText json) implements Checkpoint {}
  }

  /// @param frameSeq the frame head behind the event and the frames it caused
  record NumberedEvent(long seq, long frameSeq, Event event) {}

  record NumberedFrame(long seq, Frame frame) {}
}
