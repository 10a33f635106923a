package dev.parley.store;

import dev.parley.session.SessionKey;
import java.time.Instant;
import java.util.List;

/// Hears of frames, of discrete effects, and of what changed in lists, once they are durable.
///
/// Called on the journal's loop, before the append's own caller is answered; must return at once.
@FunctionalInterface
public interface CommitListener {

  /// @param frames in order, not empty
  void committed(long sid, List<EncodedFrame> frames);

  /// Events of a session are durable, so that lists may show another state of it, or no longer show
  /// it. Not called for what agents say token by token.
  ///
  /// @param at when it was active last, with this change
  default void changed(SessionKey key, Instant at) {}

  /// The session has new discrete effects.
  default void effectsCommitted(long sid) {}
}
