package dev.parley.wire.call;

import dev.parley.session.RefusedException;
import dev.parley.trace.Incoming;
import dev.parley.wire.auth.Standing;
import org.jspecify.annotations.Nullable;

/// The calls that clients can make.
public interface Calls {

  /// Reads and prepares a call. Called where a request arrives, on its own context; never blocks.
  /// The answer fails with [RefusedException] for everything that is expected to go wrong.
  ///
  /// @param standing who calls: whether he may is decided here
  /// @param tag the call's name
  /// @param payload its JSON; absent: none was given
  /// @param incoming how the call came in
  /// @throws RefusedException when the payload does not fit, or the caller may not
  Answer call(Standing standing, String tag, @Nullable String payload, Incoming incoming);
}
