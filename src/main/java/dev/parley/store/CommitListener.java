package dev.parley.store;

import java.util.List;

/// Hears of what was written once it is durable.
@FunctionalInterface
public interface CommitListener {

  /// Called on the journal's loop, before the append's own caller is answered; must return at once.
  ///
  /// @param frames in order, not empty
  void committed(long sid, List<EncodedFrame> frames);

  /// The append held discrete effects. Called as [#committed] is.
  default void effectsCommitted(long sid) {}
}
