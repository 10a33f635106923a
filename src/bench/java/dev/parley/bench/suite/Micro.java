package dev.parley.bench.suite;

import dev.parley.bench.suite.Figures.Cell;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// The parts of a token's way, each by itself, with JMH.
final class Micro implements Scenario {
  private static final String ALLOCATED = "gc.alloc.rate.norm";
  private static final int WARM_UPS = 3;
  private static final int MEASUREMENTS = 5;

  @Override
  public String name() {
    return "micro";
  }

  @Override
  public String title() {
    return "Parts";
  }

  @Override
  public Figures run(List<String> jvm) throws Exception {
    List<List<Cell>> rows = new ArrayList<>();
    List<Figures.Bar> bars = new ArrayList<>();
    for (RunResult result :
        new Runner(
                new OptionsBuilder()
                    .include("^dev\\.parley\\..*Benchmark\\.")
                    .forks(1)
                    .jvmArgsAppend(jvm.toArray(String[]::new))
                    .warmupIterations(WARM_UPS)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(MEASUREMENTS)
                    .measurementTime(TimeValue.seconds(1))
                    .addProfiler(GCProfiler.class)
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run()) {
      BenchmarkParams params = result.getParams();
      Result<?> score = result.getPrimaryResult();
      String name = name(params);
      rows.add(
          List.of(
              Cell.of(name),
              Cell.of("%.2f " + score.getScoreUnit().replace("/op", ""), score.getScore()),
              Cell.of("%.0f B", allocated(result))));
      if (score.getScoreUnit().startsWith("us")) {
        bars.add(new Figures.Bar(name, score.getScore()));
      }
    }
    return new Figures(
        """
        The rules, the JSON and the group commit, each by itself (JMH, one fork, 5 × 1 s). The journal writes one
        token of each of so many sessions and waits until they are durable; `bareUnnest` is as many bare rows in one
        statement over the same driver, which checks no head and derives nothing.
        """,
        List.of("part", "takes", "allocates"),
        rows,
        bars,
        "µs");
  }

  private static String name(BenchmarkParams params) {
    String[] path = params.getBenchmark().split("\\.", -1);
    String name = path[path.length - 2].replace("Benchmark", "") + "." + path[path.length - 1];
    String sessions = params.getParam("sessions");
    return sessions == null ? name : name + ", " + sessions + " sessions";
  }

  private static double allocated(RunResult result) {
    return result.getSecondaryResults().values().stream()
        .filter(second -> second.getLabel().endsWith(ALLOCATED))
        .mapToDouble(second -> second.getScore())
        .findFirst()
        .orElse(0);
  }
}
