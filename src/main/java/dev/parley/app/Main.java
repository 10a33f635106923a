package dev.parley.app;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.smallrye.config.ConfigValidationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The entry point: makes sure that there is a database, then runs on it what was asked for.
@QuarkusMain
public final class Main {
  private static final Logger LOG = Logger.getLogger(Main.class);

  private static final int REFUSED = 1;

  /// How the configuration says that a value is not of its type. It quotes the value, which may be
  /// a secret that stands in the wrong place.
  private static final Pattern NO_VALUE =
      Pattern.compile("SRCFG00039: The config property (\\S+) with the config value");

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

  private static String told(String problem) {
    Matcher noValue = NO_VALUE.matcher(problem);
    return noValue.find() ? noValue.group(1) + " has a value that is none of its type" : problem;
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
        LOG.fatal(told(invalid.getProblem(i).getMessage()));
      }
    } else if (failure != null) {
      LOG.fatal("Parley did not start", failure);
    }
    System.exit(exitCode);
  }
}
