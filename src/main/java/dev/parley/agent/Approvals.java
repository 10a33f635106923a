package dev.parley.agent;

import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/// What people answer to the requests for approval of one turn.
public interface Approvals {

  /// @param reason what whoever answered has to say of it; absent: nothing
  record Approval(boolean approved, @Nullable String reason) {}

  /// The answer to a request that the turn has said, or is about to. It comes once, on the loop,
  /// when it is durable, and it always comes: a request that nobody answers in time is refused.
  Uni<Approval> of(String approvalId);
}
