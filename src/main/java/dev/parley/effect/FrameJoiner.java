package dev.parley.effect;

import dev.parley.content.Utf8;
import dev.parley.store.EncodedFrame;
import dev.parley.store.json.DeltaText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Puts frames that wait for one client into one batch: adjacent deltas of one part become one
/// value. A frame that stands alone goes out as it was stored.
final class FrameJoiner {
  private final int valuesMax;
  private final int joinedBytesMax;

  /// @param valuesMax values in one batch
  /// @param joinedBytesMax bytes of one joined delta, as JSON writes them
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
    for (int i = 1; i < frames.size(); i++) {
      EncodedFrame frame = frames.get(i);
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
    private final @Nullable DeltaText delta;
    private @Nullable StringBuilder texts;
    private long bytes;
    private long seq;

    Run(EncodedFrame first, int bytesMax) {
      this.first = first;
      this.bytesMax = bytesMax;
      this.seq = first.seq();
      this.delta = first.delta();
      this.bytes = delta == null ? 0 : bytes(first, delta);
    }

    /// Takes the next frame in, when it continues this run.
    boolean takes(EncodedFrame next) {
      DeltaText more = next.delta();
      if (delta == null || more == null || !delta.joins(first.json(), more, next.json())) {
        return false;
      }
      long sum = bytes + bytes(next, more);
      if (sum > bytesMax) {
        return false;
      }
      if (texts == null) {
        texts = new StringBuilder(first.json()).delete(delta.end(), first.json().length());
        texts.delete(0, delta.begin());
      }
      texts.append(next.json(), more.begin(), more.end());
      bytes = sum;
      seq = next.seq();
      return true;
    }

    private static long bytes(EncodedFrame frame, DeltaText delta) {
      return Utf8.length(frame.json(), delta.begin(), delta.end());
    }

    EncodedFrame frame() {
      return texts == null ? first : first.joined(seq, texts);
    }
  }
}
