package dev.parley.app;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The entry point: makes sure that there is a database, then runs the application on it.
@QuarkusMain
public final class Main {
  private static final Logger LOG = Logger.getLogger(Main.class);

  private Main() {}

  public static void main(String... args) {
    DatabaseAddress.ensure();
    if (LaunchMode.current() == LaunchMode.NORMAL) {
      Quarkus.run(null, Main::ended, args);
    } else {
      // In development Quarkus itself restarts the application, in this very process.
      Quarkus.run(args);
    }
  }

  /// A start that was refused says why in one line; a defect shows its stack.
  private static void ended(int exitCode, @Nullable Throwable failure) {
    @Nullable Throwable root = failure;
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    if (root instanceof StartRefusedException refused) {
      LOG.fatal(refused.getMessage());
    } else if (failure != null) {
      LOG.fatal("Parley did not start", failure);
    }
    System.exit(exitCode);
  }
}
