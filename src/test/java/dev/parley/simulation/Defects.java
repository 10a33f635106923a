package dev.parley.simulation;

import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// Listens to what the parts log while they are simulated: warnings are of no interest where
/// everything goes wrong on purpose, but an error that no fault explains is a defect, and so is an
/// exception that found nobody to go to.
final class Defects extends Handler implements AutoCloseable {
  /// What is logged as an error and has its cause outside.
  private static final List<String> EXPECTED =
      List.of("The agent ", "The store refuses an append ", "Commit of ");

  private final Logger logger = Logger.getLogger("dev.parley");
  private final boolean before = logger.getUseParentHandlers();
  private final List<String> errors = new ArrayList<>();

  Defects() {
    logger.setUseParentHandlers(false);
    logger.addHandler(this);
    Infrastructure.setDroppedExceptionHandler(dropped -> errors.add("dropped: " + dropped));
  }

  /// The errors since the last time.
  List<String> take() {
    List<String> taken = List.copyOf(errors);
    errors.clear();
    return taken;
  }

  @Override
  public void publish(LogRecord record) {
    String message = record.getMessage();
    if (record.getLevel().intValue() >= Level.SEVERE.intValue()
        && EXPECTED.stream().noneMatch(message::startsWith)) {
      Throwable thrown = record.getThrown();
      errors.add("logged: " + message + (thrown == null ? "" : ", " + thrown));
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
    Infrastructure.resetDroppedExceptionHandler();
    logger.setUseParentHandlers(before);
  }
}
