package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.fuzz.Fuzz;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damaged frames on many connections at once: the server lives, answers whoever keeps to the
/// rules, and keeps nothing of any of them. `src/bench/fuzz-frames` plays more of it.
class FuzzIT {
  private static final long FRAMES = 20_000;

  @Test
  void survivesDamagedFramesAndKeepsNothingOfThem(@TempDir Path dataDir) throws Exception {
    long seed = Long.getLong("parley.fuzz.seed", System.currentTimeMillis());
    Fuzz.Outcome outcome = Fuzz.run(dataDir, FRAMES, seed);
    System.out.println(outcome);
    assertThat(outcome.frames()).isGreaterThanOrEqualTo(FRAMES);
    assertThat(outcome.wrong()).as("with -Dparley.fuzz.seed=%d", seed).isEmpty();
  }
}
