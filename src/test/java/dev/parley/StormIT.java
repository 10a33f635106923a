package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.storm.Figures;
import dev.parley.testing.storm.Storm;
import dev.parley.testing.storm.Storm.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Many clients do anything at random on the packaged application, while it and its PostgreSQL are
/// killed and their sockets cut, over and over; then all comes to rest and the checker judges what
/// clients saw by what is stored (requirements T2 to T7, E1, O2, O4, S1 to S3).
///
/// `-Dparley.storm.seconds` (60) says for how long, `-Dparley.storm.seed` which storm again: it
/// decides what is done and struck, though not who is faster.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StormIT {
  private static final int SECONDS = Integer.getInteger("parley.storm.seconds", 60);
  private static final @Nullable Long SEED = Long.getLong("parley.storm.seed");

  /// What one storm's clients remember fits into memory.
  private static final int STORM_SECONDS_MAX = 60;

  private Figures total = Figures.NONE;

  @AfterAll
  void tellTheFigures() {
    System.out.println("storm: " + total);
  }

  @TestFactory
  Stream<DynamicTest> losesNothingThatWasSeenOrAnsweredWhateverBreaks(@TempDir Path dir) {
    long seed = SEED == null ? System.nanoTime() : SEED;
    List<DynamicTest> storms = new ArrayList<>();
    for (int left = SECONDS; left > 0; left -= STORM_SECONDS_MAX) {
      int seconds = Math.min(left, STORM_SECONDS_MAX);
      storms.add(storm(dir, storms.size(), seed, Database.EXTERNAL, seconds * 2 / 3));
      storms.add(storm(dir, storms.size(), seed, Database.EMBEDDED, seconds - seconds * 2 / 3));
    }
    return storms.stream();
  }

  private DynamicTest storm(Path dir, int number, long begin, Database database, int seconds) {
    long seed = begin + number / 2;
    return DynamicTest.dynamicTest(
        "%s database, %d s, seed %d".formatted(database, seconds, seed),
        () -> {
          System.out.printf(
              "storm %d: %s database, %d s, -Dparley.storm.seed=%d%n",
              number + 1, database, seconds, seed);
          Figures figures =
              Storm.rage(
                  dir.resolve("storm" + number), database, Duration.ofSeconds(seconds), seed);
          total = total.plus(figures);
          assertThat(figures.violations()).isEmpty();
        });
  }
}
