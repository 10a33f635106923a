package dev.parley.bench.suite;

import dev.parley.bench.suite.Figures.Cell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The same load on JVMs with different options: what a start costs, how the first seconds are, and
/// how it is afterwards.
final class JvmOptions implements Scenario {
  private static final int SESSIONS = 100;
  private static final int RATE = 50;
  private static final int COLD_SECONDS = 5;
  private static final double MEGABYTE = 1024 * 1024;
  private static final String OURS = "@deploy/jvm.options";
  private static final Path AOT_CACHE = Path.of("target", "quarkus-app", "app.aot");

  private static final List<Map.Entry<String, List<String>>> OPTIONS =
      List.of(
          Map.entry("none: G1", List.of()),
          Map.entry("those of `deploy/jvm.options`", List.of(OURS)),
          Map.entry("the same with the AOT cache", List.of(OURS, "-XX:AOTCache=" + AOT_CACHE)),
          Map.entry(
              "the same with compact object headers",
              List.of(OURS, "-XX:+UseCompactObjectHeaders")),
          Map.entry("`-XX:+UseParallelGC`", List.of("-XX:+UseParallelGC")),
          Map.entry("`-XX:+UseSerialGC`", List.of("-XX:+UseSerialGC")),
          Map.entry("`-XX:+UseZGC`", List.of("-XX:+UseZGC")));

  private final int seconds;

  /// @param seconds that are counted of each load
  JvmOptions(int seconds) {
    this.seconds = seconds;
  }

  @Override
  public String name() {
    return "jvm";
  }

  @Override
  public String title() {
    return "Options of the JVM";
  }

  @Override
  public Figures run(List<String> jvm) throws Exception {
    if (!Files.exists(AOT_CACHE)) {
      throw new IllegalStateException(AOT_CACHE + " is missing: run deploy/train");
    }
    List<List<Cell>> rows = new ArrayList<>();
    List<Figures.Bar> bars = new ArrayList<>();
    for (var options : OPTIONS) {
      Subject first = Subject.parley(options.getValue(), Map.of());
      long begin = System.nanoTime();
      try (Subject subject = first.successor(options.getValue(), Map.of())) {
        double ready = (double) (System.nanoTime() - begin);
        double startCpu = subject.used().serverCpu();
        TokenLoad.Paced cold = TokenLoad.paced(subject, "cold", SESSIONS, RATE, COLD_SECONDS);
        var _ = TokenLoad.paced(subject, "warm", SESSIONS, RATE, seconds);
        TokenLoad.Paced warm = TokenLoad.paced(subject, "hot", SESSIONS, RATE, seconds);
        rows.add(
            List.of(
                Cell.of(options.getKey()),
                Cell.of("%.1f s", ready / 1e9),
                Cell.of("%.1f s", startCpu),
                Latency.at(cold.added(), 50),
                Latency.at(cold.added(), 99),
                Latency.at(warm.added(), 50),
                Latency.at(warm.added(), 99),
                Latency.at(warm.bare(), 50),
                Cell.of("%.0f", warm.used().serverCpu() * 1e6 / (double) warm.tokens()),
                Cell.of("%.0f MB", warm.used().rssBytes() / MEGABYTE)));
        bars.add(new Figures.Bar(options.getKey() + ", cold p99", Latency.ms(cold.added(), 99)));
        bars.add(new Figures.Bar(options.getKey() + ", warm p99", Latency.ms(warm.added(), 99)));
      }
    }
    return new Figures(
        """
        A start on a database that is there, until it is ready, the stop of the one before included; then at once %1$d
        sessions × %2$d tokens/s for %3$d s, cold; then the same for %4$d s, twice, the second time counted as warm.
        """
            .formatted(SESSIONS, RATE, COLD_SECONDS, seconds),
        List.of(
            "options",
            "ready",
            "CPU until ready",
            "cold: added latency p50",
            "p99",
            "warm: p50",
            "p99",
            "bare commit p50",
            "server CPU s/M tokens",
            "RSS"),
        rows,
        bars,
        "ms");
  }
}
