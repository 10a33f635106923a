package dev.parley.wire.call;

import dev.parley.session.RefusedException;
import org.jspecify.annotations.Nullable;

/// The calls that clients can make.
public interface Calls {

  /// Reads and prepares a call. Called where a request arrives, on its own context; never blocks.
  /// The answer fails with [RefusedException] for everything that is expected to go wrong.
  ///
  /// @param tag the call's name
  /// @param payload its JSON; absent: none was given
  /// @throws RefusedException when the payload does not fit
  Answer call(String tag, @Nullable String payload);
}
