package dev.parley.bench.suite;

import dev.parley.testing.Vitals;
import java.io.IOException;

/// What Parley's own metrics tell of its commits.
///
/// @param waited seconds that what was said waited for its commit, and how often
/// @param committed seconds of commits, and how many
/// @param batched sessions in them
record Meters(double waited, double waits, double committed, double commits, double batched) {
  private static final int MILLIS = 1000;

  static Meters read(Vitals vitals) throws IOException {
    double[] values =
        vitals.metrics(
            "parley_journal_wait_seconds_sum",
            "parley_journal_wait_seconds_count",
            "parley_journal_commit_seconds_sum",
            "parley_journal_commit_seconds_count",
            "parley_journal_batch_sessions_sum");
    return new Meters(values[0], values[1], values[2], values[3], values[4]);
  }

  Meters since(Meters before) {
    return new Meters(
        waited - before.waited,
        waits - before.waits,
        committed - before.committed,
        commits - before.commits,
        batched - before.batched);
  }

  double waitMs() {
    return MILLIS * waited / waits;
  }

  double commitMs() {
    return MILLIS * committed / commits;
  }

  double batchSessions() {
    return batched / commits;
  }
}
