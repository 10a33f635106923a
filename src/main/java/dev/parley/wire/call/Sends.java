package dev.parley.wire.call;

import dev.parley.session.Reply;
import dev.parley.trace.Incoming;
import dev.parley.wire.auth.Caller;
import io.smallrye.mutiny.Uni;

/// `chat.send`, for protocols that go on with what it answers.
public interface Sends {

  /// Fails with [dev.parley.session.RefusedException] for everything that is expected to go wrong,
  /// a payload that does not fit and a caller who may not included.
  ///
  /// @param payload the call's JSON
  /// @param incoming how the call came in
  /// @return [Reply.Started] or [Reply.Queued]
  Uni<Reply> send(Caller caller, String payload, Incoming incoming);
}
