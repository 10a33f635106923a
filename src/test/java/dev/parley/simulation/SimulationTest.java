package dev.parley.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Whatever goes wrong, every rule is kept, and in the end everything is done.
///
/// Seeds are new in every run; `-Dparley.simulation.base` fixes the first of them,
/// `-Dparley.simulation.seeds` says how many, and `-Dparley.simulation.seed` runs one again and
/// tells what happens in it.
class SimulationTest {
  private static final int SEEDS = Integer.getInteger("parley.simulation.seeds", 2000);
  private static final @Nullable Long BASE = Long.getLong("parley.simulation.base");
  private static final @Nullable Long SEED = Long.getLong("parley.simulation.seed");

  /// How many runs must fail before the others are left out.
  private static final int FAILURES_MAX = 3;

  private final Figures figures = new Figures();
  private final Defects defects = new Defects();

  @AfterEach
  void stopListening() {
    defects.close();
  }

  @Test
  void keepsEveryRuleWhateverGoesWrong() {
    if (SEED != null) {
      Simulation run = new Simulation(SEED, Parts.REAL, figures, true);
      List<String> violations = violations(run);
      run.trace().lines().forEach(System.out::println);
      assertThat(violations).as(figures.toString()).isEmpty();
      return;
    }
    long base = Objects.requireNonNullElseGet(BASE, System::nanoTime);
    List<String> failures = new ArrayList<>();
    for (int i = 0; i < SEEDS && failures.size() < FAILURES_MAX; i++) {
      Simulation run = new Simulation(base + i, Parts.REAL, figures, false);
      List<String> violations = violations(run);
      if (!violations.isEmpty()) {
        failures.add(
            "./mvnw test -Dtest=SimulationTest -Dparley.simulation.seed=%d%n  %s"
                .formatted(base + i, String.join("\n  ", violations)));
      }
    }
    System.out.printf("Simulation from base %d: %s%n", base, figures);
    assertThat(failures).isEmpty();
    assertThat(figures.untried()).as("what never happened").isEmpty();
  }

  private List<String> violations(Simulation run) {
    List<String> violations = new ArrayList<>(run.run());
    violations.addAll(defects.take());
    return violations;
  }

  @Test
  void goesTheSameWayWithTheSameSeed() {
    for (long seed = 1; seed <= 20; seed++) {
      Simulation one = new Simulation(seed, Parts.REAL, new Figures(), true);
      Simulation two = new Simulation(seed, Parts.REAL, new Figures(), true);
      assertThat(two.run()).isEqualTo(one.run());
      assertThat(two.trace().lines()).isEqualTo(one.trace().lines());
      assertThat(two.clock().fingerprint()).isEqualTo(one.clock().fingerprint());
    }
  }

  @Test
  void goesAnotherWayWithAnotherSeed() {
    long[] ways =
        LongStream.rangeClosed(1, 10)
            .map(seed -> {
              Simulation run = new Simulation(seed, Parts.REAL, new Figures(), false);
              run.run();
              return run.clock().fingerprint();
            })
            .distinct()
            .toArray();
    assertThat(ways).hasSize(10);
  }
}
