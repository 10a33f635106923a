package dev.parley.app;

import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import org.jspecify.annotations.Nullable;

/// What a process was started for.
sealed interface Task {

  /// Serve clients, until it is stopped.
  record Serve() implements Task {}

  /// Make what follows from events again, while no node runs.
  ///
  /// @param key of one session; absent: of all
  record Rebuild(@Nullable SessionKey key) implements Task {}

  /// Give all sessions new incarnations, while no node runs.
  record RenewIncarnations() implements Task {}

  /// What the command line asks for.
  ///
  /// @throws StartRefusedException when it cannot be understood
  static Task of(String... args) {
    if (args.length == 0) {
      return new Serve();
    }
    if (args[0].equals("renew-incarnations") && args.length == 1) {
      return new RenewIncarnations();
    }
    if (!args[0].equals("rebuild") || args.length > 2) {
      throw new StartRefusedException(
          "Parley takes no arguments, or: rebuild [SESSION_KEY], or: renew-incarnations. It was"
              + " given "
              + String.join(" ", args));
    }
    try {
      return new Rebuild(args.length == 1 ? null : SessionKey.parse(args[1]));
    } catch (RefusedException e) {
      throw new StartRefusedException("This is not a session key: " + e.getMessage());
    }
  }
}
