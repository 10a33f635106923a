package dev.parley.store;

import java.util.List;

/// Hears of frames once they are durable.
@FunctionalInterface
public interface CommitListener {

  /// Called on the journal's loop, before the append's own caller is answered; must return at once.
  ///
  /// @param frames in order, not empty
  void committed(long sid, List<EncodedFrame> frames);
}
