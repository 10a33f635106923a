package dev.parley.app;

import java.time.Duration;

/// What is asked of settings at start. Whoever set something that cannot be is told its name.
final class Checked {
  private Checked() {}

  /// @param must how the setting has to be
  /// @throws StartRefusedException unless it is
  static void holds(boolean is, String setting, String must) {
    if (!is) {
      throw new StartRefusedException(setting + " " + must);
    }
  }

  /// @throws StartRefusedException it is less
  static long atLeast(long least, String setting, long value) {
    holds(value >= least, setting, "must be " + least + " at least");
    return value;
  }

  /// @throws StartRefusedException it is not
  static Duration positive(String setting, Duration value) {
    holds(value.isPositive(), setting, "must be positive");
    return value;
  }
}
