package dev.parley.agent.tool;

import java.time.Duration;

/// What a tool is allowed, on this node and by all sessions together.
///
/// @param timeout from a call to its outcome, waiting included: the turn waits as long
/// @param concurrencyMax calls that run at once: what the tool's world can bear
/// @param waitingMax calls that wait for one of those to end, oldest first; the next one fails
/// @param outputBytesMax of an answer, as UTF-8: it is kept in the turn, and sent to the model
///   again with each of its steps
/// @param approval whether somebody has to agree to each call
public record ToolLimits(
    Duration timeout, int concurrencyMax, int waitingMax, int outputBytesMax, boolean approval) {
  public ToolLimits {
    if (!timeout.isPositive() || concurrencyMax < 1 || waitingMax < 0 || outputBytesMax < 1) {
      throw new IllegalArgumentException("a tool needs time, a place and room for its answer");
    }
  }
}
