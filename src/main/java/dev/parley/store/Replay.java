package dev.parley.store;

import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.Event;
import dev.parley.session.SessionState;
import dev.parley.store.json.UnreadableException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A session on its way through its stored events, in order and without one missing.
final class Replay {
  private final long sid;
  private SessionState state;

  /// The ends of what is stored, by which a session's heads are judged.
  ///
  /// @param lastFrame the highest frame; absent: no frame is kept
  /// @param saidFrames frames after the one that opened the running turn; 0 when none runs
  record StoredFrames(@Nullable Long lastFrame, long saidFrames) {}

  /// @param state what it is after the events that are behind it
  Replay(long sid, SessionState state) {
    this.sid = sid;
    this.state = state;
  }

  SessionState state() {
    return state;
  }

  /// Takes in the next event.
  ///
  /// @throws UnreadableException when it is not the next one, cannot be read or cannot follow
  NumberedEvent next(StoredEvent stored) {
    if (stored.seq() != state.eventSeq() + 1) {
      throw unreadable("event " + (state.eventSeq() + 1) + " is missing");
    }
    Event event = stored.event();
    try {
      state = state.evolve(event, stored.frameSeq());
    } catch (IllegalStateException e) {
      throw new UnreadableException(
          "event " + stored.seq() + " of session " + sid + " cannot follow: " + e, e);
    }
    return new NumberedEvent(stored.seq(), stored.frameSeq(), event);
  }

  /// Takes in the next events, and gives what they leave in the read tables.
  ///
  /// @throws UnreadableException as [#next]
  Projection next(List<StoredEvent> stored) {
    SessionState before = state;
    return Projection.of(before, stored.stream().map(this::next).toList());
  }

  /// The frame head that belongs to these events: the last one tells it, and while a turn runs the
  /// highest frame that is stored.
  ///
  /// @throws UnreadableException when frames of the running turn are missing, or when there are
  ///   frames after what the last event tells of: that is not the last that was
  long frameHead(StoredFrames frames) {
    Long last = frames.lastFrame();
    long head = last == null ? state.frameSeq() : Math.max(last, state.frameSeq());
    if (state instanceof SessionState.Streaming streaming) {
      if (frames.saidFrames() != head - streaming.turn().firstFrame()) {
        throw unreadable("frames of the running turn are missing");
      }
    } else if (head != state.frameSeq()) {
      throw unreadable(
          "its last event says that frames end at " + state.frameSeq() + ", they end at " + head);
    }
    return head;
  }

  /// Compares the heads as they are stored with what they are by the events. Less is made good;
  /// more tells of a loss.
  ///
  /// @throws UnreadableException when the stored ones are ahead
  void compare(long eventSeq, long frameSeq, long frameHead) {
    if (eventSeq > state.eventSeq()) {
      throw unreadable("events end at " + state.eventSeq() + ", its head says " + eventSeq);
    }
    if (frameSeq > frameHead) {
      throw unreadable("frames end at " + frameHead + ", its head says " + frameSeq);
    }
  }

  UnreadableException unreadable(String what) {
    return new UnreadableException("session " + sid + ": " + what, null);
  }
}
