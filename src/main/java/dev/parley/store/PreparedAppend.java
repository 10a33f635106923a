package dev.parley.store;

import dev.parley.store.json.FrameJson;
import java.util.List;

/// An append with its frames encoded: once, for the store and for every subscriber.
public record PreparedAppend(Append append, List<EncodedFrame> frames, int bytes) {

  static PreparedAppend of(Append append) {
    List<EncodedFrame> frames =
        append.frames().stream()
            .map(f ->
                new EncodedFrame(f.seq(), f.seq(), f.frame(), FrameJson.encode(f.seq(), f.frame())))
            .toList();
    int bytes = frames.stream().mapToInt(f -> f.json().length()).sum();
    return new PreparedAppend(append, frames, bytes);
  }
}
