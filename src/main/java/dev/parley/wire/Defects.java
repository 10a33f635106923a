package dev.parley.wire;

import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Tells operators of a call that broke for a reason nobody foresaw: where, never with what. An
/// exception's message may quote what a client sent, so it is left out.
public final class Defects {
  private static final Logger LOG = Logger.getLogger(Defects.class);

  /// All that the client is told.
  public static final String TOLD = "The call failed inside Parley.";

  private static final int CAUSES_MAX = 5;

  private Defects() {}

  /// @param what the call, as a log line may name it
  public static void log(String what, Throwable failure) {
    LOG.errorf(withoutMessage(failure, CAUSES_MAX), "%s failed; the client was told so", what);
  }

  /// As [#log], of a call whose client had gone before it failed.
  public static void logUnheard(Throwable failure) {
    LOG.error("A call failed that nobody waited for any more", withoutMessage(failure, CAUSES_MAX));
  }

  /// As [#log], of what a connection had put off: no client waited for just that.
  public static void logTask(RuntimeException failure) {
    LOG.error("A task of a connection failed", withoutMessage(failure, CAUSES_MAX));
  }

  private static @Nullable Throwable withoutMessage(@Nullable Throwable failure, int causesLeft) {
    if (failure == null || causesLeft == 0) {
      return null;
    }
    Throwable shown =
        new Throwable(
            failure.getClass().getName(), withoutMessage(failure.getCause(), causesLeft - 1));
    shown.setStackTrace(failure.getStackTrace());
    return shown;
  }
}
