package dev.parley.wire;

import dev.parley.log.FieldLog;
import dev.parley.log.Fields;

/// Tells operators of a call that broke for a reason nobody foresaw: where, never with what.
public final class Defects {
  private static final FieldLog LOG = FieldLog.of(Defects.class);

  /// All that the client is told.
  public static final String TOLD = "The call failed inside Parley.";

  private Defects() {}

  /// @param what the call, as a log line may name it
  public static void log(String what, Throwable failure) {
    log(Fields.NONE, what, failure);
  }

  /// @param about whose call it was
  /// @param what the call, as a log line may name it
  public static void log(Fields about, String what, Throwable failure) {
    LOG.errorf(about, failure, "%s failed; the client was told so", what);
  }

  /// As [#log], of a call whose client had gone before it failed.
  public static void logUnheard(Throwable failure) {
    LOG.errorf(Fields.NONE, failure, "A call failed that nobody waited for any more");
  }

  /// As [#log], of what a connection had put off: no client waited for just that.
  public static void logTask(RuntimeException failure) {
    LOG.errorf(Fields.NONE, failure, "A task of a connection failed");
  }
}
