package dev.parley.bench.suite;

import java.util.List;

/// What a scenario has measured.
///
/// @param about what was done, in Markdown
/// @param header of its table
/// @param rows as many cells as the header has
/// @param bars of its chart
/// @param unit of the bars
record Figures(
    String about, List<String> header, List<List<String>> rows, List<Bar> bars, String unit) {

  /// One bar of a chart.
  record Bar(String label, double value) {}
}
