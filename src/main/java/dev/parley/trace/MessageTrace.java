package dev.parley.trace;

import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One message from its arrival to the end of its turn, and to the acknowledgement of its first
/// words where that is later.
///
/// @param turnId absent: it had no turn
/// @param steps what happened, in the order in which it ended
public record MessageTrace(
    SessionKey key, @Nullable TurnId turnId, Incoming incoming, Outcome outcome, List<Step> steps) {
  public MessageTrace {
    steps = List.copyOf(steps);
  }

  /// When the last of it was over.
  public long endedNanos() {
    return steps.stream()
        .mapToLong(Step::endedNanos)
        .reduce(incoming.nanos(), (one, other) -> other - one > 0 ? other : one);
  }

  /// What became of the message.
  ///
  /// @param code why, where there is more to tell: one of few
  public record Outcome(Kind kind, @Nullable String code) {
    public enum Kind {
      COMPLETED,
      INTERRUPTED,
      FAILED,
      /// It was taken out of the queue.
      REMOVED,
      REFUSED,
      /// The node had to let go of the session before its end.
      LEFT
    }

    /// Whether something did not work that should have.
    public boolean isError() {
      return kind == Kind.FAILED || kind == Kind.REFUSED;
    }
  }

  /// Times as [System#nanoTime]: meaningful as differences.
  public record Step(Part part, long begunNanos, long endedNanos) {}

  /// The parts of a message's way.
  public enum Part {
    /// From its arrival to the decision: its session is found, and has time for it.
    DECIDE,
    /// From the decision until it is durable.
    COMMIT,
    /// In the queue.
    WAIT,
    /// From the commit that begins it to the one that ends it.
    TURN,
    /// From its begin until the agent says something.
    FIRST_WORDS,
    /// From there until that is durable.
    COMMIT_FIRST_WORDS,
    /// From there until the first client acknowledges it; where none does, until it is sent.
    DELIVER_FIRST_WORDS;

    /// Whether it is part of the turn.
    public boolean isOfTurn() {
      return switch (this) {
        case DECIDE, COMMIT, WAIT, TURN -> false;
        case FIRST_WORDS, COMMIT_FIRST_WORDS, DELIVER_FIRST_WORDS -> true;
      };
    }
  }
}
