package dev.parley.bench.suite;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Runs the scenarios that are named, or all, each so many times, and writes the medians of what
/// they measured into `docs/benchmarks.md`. With `--dry` it only prints.
public final class Suite {
  private static final String RUNS = "--runs=";
  private static final int RUNS_DEFAULT = 3;

  private static final List<Scenario> ALL =
      List.of(
          new Latency(20),
          new Saturation(5_000),
          new FanOut(20),
          new Resume(200),
          new Interrupts(1_000),
          new ModelTurns(20, 1_000),
          new Idle(10_000),
          new SlowClient(50_000, 15),
          new Growth(10),
          new JvmOptions(15),
          new Micro());

  private Suite() {}

  public static void main(String[] args) throws Exception {
    Locale.setDefault(Locale.ROOT);
    List<String> words = Arrays.asList(args);
    boolean dry = words.contains("--dry");
    int runs =
        words.stream()
            .filter(word -> word.startsWith(RUNS))
            .mapToInt(word -> Integer.parseInt(word.substring(RUNS.length())))
            .findFirst()
            .orElse(RUNS_DEFAULT);
    List<String> names = words.stream().filter(word -> !word.startsWith("--")).toList();
    List<String> jvm =
        Arrays.stream(System.getProperty("bench.jvm", "").split(" ", -1))
            .filter(option -> !option.isEmpty())
            .toList();
    List<Scenario> chosen =
        ALL.stream()
            .filter(scenario -> names.isEmpty() || names.contains(scenario.name()))
            .toList();
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException(
          "scenarios are " + ALL.stream().map(Scenario::name).toList());
    }
    for (Scenario scenario : chosen) {
      String load = Machine.loadAverage();
      Machine.Cpu before = Machine.Cpu.read();
      List<Figures> measured = new ArrayList<>();
      for (int run = 1; run <= runs; run++) {
        Figures figures = scenario.run(jvm);
        System.out.println(scenario.title() + ", run " + run + "\n\n" + Report.table(figures));
        measured.add(figures);
      }
      double stolen = Machine.Cpu.read().stolenSince(before);
      String conditions = Machine.describe(jvm, runs, load, stolen);
      Figures median = Figures.median(measured);
      System.out.println("Median\n\n" + Report.table(median) + "\n" + conditions);
      if (!dry) {
        Report.write(scenario, median, conditions);
      }
    }
    System.exit(0);
  }
}
