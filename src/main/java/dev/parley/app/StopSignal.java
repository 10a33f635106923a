package dev.parley.app;

import sun.misc.Signal;

/// SIGTERM and SIGINT. There is no other way to hear a second one: a hook of the JVM runs once, and
/// together with that of Quarkus, which closes the port. Compiled by itself (see the build),
/// because javac warns of this class whatever it is told, and everything else is compiled without a
/// warning.
final class StopSignal {
  private StopSignal() {}

  /// Has the task run for each signal, on a thread of its own, in place of what the JVM does: to
  /// exit with the signal's number.
  ///
  /// @throws IllegalArgumentException when the JVM keeps signals for itself (`-Xrs`)
  static void listen(Runnable task) {
    Signal.handle(new Signal("TERM"), _ -> task.run());
    Signal.handle(new Signal("INT"), _ -> task.run());
  }
}
