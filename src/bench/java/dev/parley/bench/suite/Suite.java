package dev.parley.bench.suite;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Runs the scenarios that are named, or all, and writes what they measured into
/// `docs/benchmarks.md`. With `--dry` it only prints.
public final class Suite {
  private static final List<Scenario> ALL = List.of(new Latency(20), new Saturation(5_000));

  private Suite() {}

  public static void main(String[] args) throws Exception {
    Locale.setDefault(Locale.ROOT);
    List<String> words = Arrays.asList(args);
    boolean dry = words.contains("--dry");
    List<String> names = words.stream().filter(word -> !word.startsWith("--")).toList();
    String load = System.getProperty("bench.load", "unknown");
    System.out.println("Load average before: " + load);
    List<String> jvm = List.of(System.getProperty("bench.jvm", "").trim().split(" +"));
    jvm = jvm.stream().filter(option -> !option.isEmpty()).toList();
    for (Scenario scenario : ALL) {
      if (names.isEmpty() || names.contains(scenario.name())) {
        Figures figures = scenario.run(jvm);
        System.out.println(scenario.title() + "\n\n" + Report.table(figures));
        if (!dry) {
          Report.write(scenario, figures);
        }
      }
    }
    System.exit(0);
  }
}
