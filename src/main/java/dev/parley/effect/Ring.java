package dev.parley.effect;

import dev.parley.store.EncodedFrame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The newest frames of one session, without gaps. Bounded by number and by bytes: what falls out
/// is in the store.
final class Ring {
  private final Deque<EncodedFrame> frames = new ArrayDeque<>();
  private final int framesMax;
  private final int bytesMax;
  private long bytes;

  Ring(int framesMax, int bytesMax) {
    this.framesMax = framesMax;
    this.bytesMax = bytesMax;
  }

  /// Takes in the next frames; those it has are left out, and after a gap it begins anew.
  void add(List<EncodedFrame> more) {
    for (EncodedFrame frame : more) {
      if (!frames.isEmpty() && frame.seq() <= frames.getLast().seq()) {
        continue;
      }
      if (!frames.isEmpty() && frame.seq() != frames.getLast().seq() + 1) {
        frames.clear();
        bytes = 0;
      }
      frames.addLast(frame);
      bytes += frame.json().length();
      while (frames.size() > framesMax || (bytes > bytesMax && frames.size() > 1)) {
        bytes -= frames.removeFirst().json().length();
      }
    }
  }

  /// The frames after `seq`, as many as there are; empty when the next one is not here.
  List<EncodedFrame> after(long seq) {
    if (frames.isEmpty() || seq + 1 < frames.getFirst().seq() || seq >= frames.getLast().seq()) {
      return List.of();
    }
    int skip = (int) (seq + 1 - frames.getFirst().seq());
    List<EncodedFrame> tail = new ArrayList<>(frames.size() - skip);
    int at = 0;
    for (EncodedFrame frame : frames) {
      if (at++ >= skip) {
        tail.add(frame);
      }
    }
    return tail;
  }
}
