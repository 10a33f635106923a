package dev.parley.bench.suite;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a scenario has measured.
///
/// @param about what was done, in Markdown
/// @param header of its table
/// @param rows as many cells as the header has
/// @param bars of its chart
/// @param unit of the bars
record Figures(
    String about, List<String> header, List<List<Cell>> rows, List<Bar> bars, String unit) {

  /// One cell of a table: words, or a number and the form in which it is told.
  ///
  /// @param form what stands there; with a number, a format of it
  record Cell(String form, @Nullable Double number) {
    static Cell of(String words) {
      return new Cell(words, null);
    }

    static Cell of(String form, double number) {
      return new Cell(form, number);
    }

    /// Nanoseconds, as milliseconds.
    static Cell ms(double nanos) {
      return of("%.2f ms", nanos / 1e6);
    }

    String text() {
      return number == null ? form : form.formatted(number);
    }
  }

  /// One bar of a chart.
  record Bar(String label, double value) {}

  /// The figures of several runs as one: each number is the median of that number in all of them.
  ///
  /// @param runs one at least, of one scenario
  static Figures median(List<Figures> runs) {
    Figures first = runs.getFirst();
    List<List<Cell>> rows = new ArrayList<>();
    for (int row = 0; row < first.rows.size(); row++) {
      List<Cell> cells = new ArrayList<>();
      for (int column = 0; column < first.rows.get(row).size(); column++) {
        Cell cell = first.rows.get(row).get(column);
        int i = row;
        int j = column;
        cells.add(
            cell.number == null
                ? cell
                : Cell.of(
                    cell.form,
                    median(
                        runs.stream()
                            .mapToDouble(run -> number(run.rows.get(i).get(j)))
                            .toArray())));
      }
      rows.add(cells);
    }
    List<Bar> bars = new ArrayList<>();
    for (int bar = 0; bar < first.bars.size(); bar++) {
      int i = bar;
      bars.add(
          new Bar(
              first.bars.get(bar).label,
              median(runs.stream().mapToDouble(run -> run.bars.get(i).value).toArray())));
    }
    return new Figures(first.about, first.header, rows, bars, first.unit);
  }

  private static double number(Cell cell) {
    if (cell.number == null) {
      throw new IllegalStateException("not every run measured " + cell.form);
    }
    return cell.number;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
