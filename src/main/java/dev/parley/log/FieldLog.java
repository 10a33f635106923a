package dev.parley.log;

import java.util.Locale;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.ExtLogRecord.FormatStyle;
import org.jboss.logmanager.Level;
import org.jspecify.annotations.Nullable;

/// A class's log. Its lines carry [Fields]; formats are those of [String#format]. Safe for use by
/// any thread.
///
/// A failure is shown by where it happened and never by its message: see [Failures].
public final class FieldLog {
  private final Logger logger;

  private FieldLog(Logger logger) {
    this.logger = logger;
  }

  public static FieldLog of(Class<?> type) {
    return new FieldLog(Logger.getLogger(type.getName()));
  }

  public void debugf(Fields about, String format, @Nullable Object... arguments) {
    log(Level.DEBUG, about, null, format, arguments);
  }

  public void infof(Fields about, String format, @Nullable Object... arguments) {
    log(Level.INFO, about, null, format, arguments);
  }

  public void warnf(Fields about, String format, @Nullable Object... arguments) {
    log(Level.WARN, about, null, format, arguments);
  }

  public void errorf(Fields about, String format, @Nullable Object... arguments) {
    log(Level.ERROR, about, null, format, arguments);
  }

  /// @param failure its classes and stack are shown, not what it says
  public void errorf(
      Fields about, Throwable failure, String format, @Nullable Object... arguments) {
    log(Level.ERROR, about, failure, format, arguments);
  }

  /// As [#errorf].
  public void debugf(
      Fields about, Throwable failure, String format, @Nullable Object... arguments) {
    log(Level.DEBUG, about, failure, format, arguments);
  }

  // The annotation is in a library that nothing else here needs.
  @SuppressWarnings("AnnotateFormatMethod")
  private void log(
      Level level,
      Fields about,
      @Nullable Throwable failure,
      String format,
      @Nullable Object... arguments) {
    if (!logger.isLoggable(level)) {
      return;
    }
    String line = String.format(Locale.ROOT, format, arguments);
    ExtLogRecord told =
        new ExtLogRecord(level, line, FormatStyle.NO_FORMAT, FieldLog.class.getName());
    told.setLoggerName(logger.getName());
    if (failure != null) {
      told.setThrown(Failures.withoutMessages(failure));
    }
    put(told, "connectionId", about.connectionId());
    put(told, "requestId", about.requestId());
    put(told, "sessionKey", about.sessionKey());
    put(told, "turnId", about.turnId());
    logger.log(told);
  }

  private static void put(ExtLogRecord told, String field, @Nullable String value) {
    if (value != null) {
      String _ = told.putMdc(field, value);
    }
  }
}
