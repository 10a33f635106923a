package dev.parley.app;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.smallrye.config.ConfigValidationException;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The entry point: makes sure that there is a database, then runs on it what was asked for.
@QuarkusMain
public final class Main {
  private static final Logger LOG = Logger.getLogger(Main.class);

  private static final int REFUSED = 1;

  /// What the configuration's own messages may begin with.
  private static final Pattern CLASS = Pattern.compile("^[a-zA-Z.]+Exception: ");

  /// A command opens no port.
  private static final String HTTP = "quarkus.http.host-enabled";

  private Main() {}

  public static void main(String... args) {
    if (LaunchMode.current() != LaunchMode.NORMAL) {
      // In development Quarkus itself restarts the application, in this very process.
      DatabaseAddress.ensure();
      Quarkus.run(args);
      return;
    }
    try {
      Task task = Task.of(args);
      if (task instanceof Task.Serve) {
        StopRequests.listen();
      }
      NodeName.ensure();
      DatabaseAddress.ensure();
      run(task, args);
    } catch (StartRefusedException e) {
      // The log is configured by Quarkus, which has not been started.
      System.err.println(e.getMessage());
      System.exit(REFUSED);
    }
  }

  private static void run(Task task, String... args) {
    switch (task) {
      case Task.Serve _ -> Quarkus.run(null, Main::ended, args);
      case Task.Rebuild _ -> command(RebuildCommand.class, args);
      case Task.RenewIncarnations _ -> command(RenewCommand.class, args);
    }
  }

  private static void command(Class<? extends QuarkusApplication> command, String... args) {
    System.setProperty(HTTP, "false");
    Quarkus.run(command, Main::ended, args);
  }

  /// A start that was refused says why in one line, or in one for each setting that has no value of
  /// its type; a defect shows its stack.
  private static void ended(int exitCode, @Nullable Throwable failure) {
    @Nullable Throwable root = failure;
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    if (root instanceof StartRefusedException refused) {
      LOG.fatal(refused.getMessage());
    } else if (root instanceof ConfigValidationException invalid) {
      for (int i = 0; i < invalid.getProblemCount(); i++) {
        LOG.fatal(CLASS.matcher(invalid.getProblem(i).getMessage()).replaceFirst(""));
      }
    } else if (failure != null) {
      LOG.fatal("Parley did not start", failure);
    }
    System.exit(exitCode);
  }
}
