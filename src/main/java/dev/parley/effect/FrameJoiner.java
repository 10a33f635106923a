package dev.parley.effect;

import dev.parley.content.ChatStreamEvent.Delta;
import dev.parley.content.Utf8;
import dev.parley.session.Frame;
import dev.parley.session.TurnId;
import dev.parley.store.EncodedFrame;
import dev.parley.store.json.FrameJson;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Puts frames that wait for one client into one batch: adjacent deltas of one part become one
/// value. A frame that stands alone goes out as it was stored.
final class FrameJoiner {
  private final int valuesMax;
  private final int joinedBytesMax;

  /// @param valuesMax values in one batch
  /// @param joinedBytesMax bytes of one joined delta
  FrameJoiner(int valuesMax, int joinedBytesMax) {
    this.valuesMax = valuesMax;
    this.joinedBytesMax = joinedBytesMax;
  }

  /// The frames of the batch that begins with the first one and takes in as many as fit.
  ///
  /// @param frames in order, at least one
  /// @param taken values that the batch holds already
  List<EncodedFrame> join(List<EncodedFrame> frames, int taken) {
    List<EncodedFrame> joined = new ArrayList<>();
    Run run = new Run(frames.getFirst(), joinedBytesMax);
    for (EncodedFrame frame : frames.subList(1, frames.size())) {
      if (!run.takes(frame)) {
        joined.add(run.frame());
        if (taken + joined.size() >= valuesMax) {
          return joined;
        }
        run = new Run(frame, joinedBytesMax);
      }
    }
    joined.add(run.frame());
    return joined;
  }

  /// Frames that are one value: one frame of any kind, or deltas of one part that follow each
  /// other.
  private static final class Run {
    private final EncodedFrame first;
    private final int bytesMax;
    private final @Nullable TurnId turnId;
    private final @Nullable Delta delta;
    private final StringBuilder more = new StringBuilder();
    private long bytes;
    private long seq;

    Run(EncodedFrame first, int bytesMax) {
      this.first = first;
      this.bytesMax = bytesMax;
      this.seq = first.seq();
      if (first.frame() instanceof Frame.StreamEvent(var turn, Delta said)) {
        this.turnId = turn;
        this.delta = said;
        this.bytes = Utf8.length(said.text());
      } else {
        this.turnId = null;
        this.delta = null;
      }
    }

    /// Takes the next frame in, when it continues this run.
    boolean takes(EncodedFrame next) {
      if (delta != null
          && next.frame() instanceof Frame.StreamEvent(var turn, Delta said)
          && turn.equals(turnId)
          && delta.joins(said)
          && bytes + Utf8.length(said.text()) <= bytesMax) {
        more.append(said.text());
        bytes += Utf8.length(said.text());
        seq = next.seq();
        return true;
      }
      return false;
    }

    EncodedFrame frame() {
      if (delta == null || turnId == null || seq == first.seq()) {
        return first;
      }
      Delta whole = delta.withText(delta.text() + more);
      return new EncodedFrame(
          first.seq(),
          seq,
          new Frame.StreamEvent(turnId, whole),
          FrameJson.encodeJoined(first.seq(), seq, turnId, whole));
    }
  }
}
