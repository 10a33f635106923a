package dev.parley.effect;

import dev.parley.store.EncodedFrame;
import java.util.ArrayList;
import java.util.List;

/// The newest frames of one session, without gaps. Bounded by number and by bytes: what falls out
/// is in the store.
final class Ring {
  /// The frames from `start` on; what is before them has fallen out.
  private final List<EncodedFrame> frames = new ArrayList<>();

  private final int framesMax;
  private final int bytesMax;
  private int start;
  private long bytes;

  Ring(int framesMax, int bytesMax) {
    this.framesMax = framesMax;
    this.bytesMax = bytesMax;
  }

  /// Takes in the next frames; those it has are left out, and after a gap it begins anew.
  void add(List<EncodedFrame> more) {
    for (EncodedFrame frame : more) {
      if (size() > 0 && frame.seq() <= frames.getLast().seq()) {
        continue;
      }
      if (size() > 0 && frame.seq() != frames.getLast().seq() + 1) {
        frames.clear();
        start = 0;
        bytes = 0;
      }
      frames.add(frame);
      bytes += frame.json().length();
      while (size() > framesMax || (bytes > bytesMax && size() > 1)) {
        bytes -= frames.get(start).json().length();
        // Its place stays until the next clearing, and must keep nothing alive.
        frames.set(start, frame);
        start++;
      }
    }
    if (start > frames.size() / 2) {
      frames.subList(0, start).clear();
      start = 0;
    }
  }

  private int size() {
    return frames.size() - start;
  }

  /// The frames after `seq`, as many as there are; empty when the next one is not here. To be read
  /// before the next are added.
  List<EncodedFrame> after(long seq) {
    if (size() == 0 || seq + 1 < frames.get(start).seq() || seq >= frames.getLast().seq()) {
      return List.of();
    }
    int skip = (int) (seq + 1 - frames.get(start).seq());
    return frames.subList(start + skip, frames.size());
  }
}
