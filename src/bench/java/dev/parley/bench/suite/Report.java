package dev.parley.bench.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;

/// Writes figures into `docs/benchmarks.md`, each scenario between two marks of its own, and its
/// chart beside it.
final class Report {
  private static final Path PAGE = Path.of("docs", "benchmarks.md");
  private static final Path CHARTS = Path.of("docs", "benchmarks");

  private Report() {}

  /// Puts the figures in the place of those of the last time.
  ///
  /// @param conditions where and how they were measured
  /// @throws IllegalStateException when the page has no place for the scenario
  static void write(Scenario scenario, Figures figures, String conditions) throws IOException {
    Files.createDirectories(CHARTS);
    String chart = scenario.name() + ".svg";
    Files.writeString(
        CHARTS.resolve(chart), BarChart.of(scenario.title(), figures.bars(), figures.unit()));
    write(
        scenario.name(),
        "### %s\n\n%s\n%s\n%s\n\n![%s](benchmarks/%s)\n"
            .formatted(
                scenario.title(),
                figures.about(),
                table(figures),
                conditions,
                scenario.title(),
                chart));
  }

  /// Puts the text between the marks of the name.
  static void write(String name, String text) throws IOException {
    String page = Files.readString(PAGE);
    String open = "<!-- figures: " + name + " -->\n";
    String close = "<!-- end: " + name + " -->\n";
    int begin = page.indexOf(open);
    int end = page.indexOf(close);
    if (begin < 0 || end < begin) {
      throw new IllegalStateException(PAGE + " has no place for " + name);
    }
    Files.writeString(PAGE, page.substring(0, begin + open.length()) + text + page.substring(end));
  }

  static String table(Figures figures) {
    StringBuilder table = new StringBuilder();
    line(table, figures.header());
    line(table, Collections.nCopies(figures.header().size(), "---"));
    figures.rows().forEach(row -> line(table, row.stream().map(Figures.Cell::text).toList()));
    return table.toString();
  }

  private static void line(StringBuilder table, List<String> cells) {
    table.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
