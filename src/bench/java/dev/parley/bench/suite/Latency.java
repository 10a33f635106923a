package dev.parley.bench.suite;

import dev.parley.bench.suite.Figures.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/// What Parley adds to a token at 50 tokens per second and session, and the poll design beside it.
final class Latency implements Scenario {
  private static final int RATE = 50;
  private static final int[] SESSIONS = {1, 100, 500};

  /// Under this load the compilers are busy for a minute and more.
  private static final int WARM_SECONDS = 80;

  private static final int BASELINE_SESSIONS = 100;
  private static final double MEGABYTE = 1 << 20;

  private static final List<String> HEADER =
      List.of(
          "sessions × tokens/s",
          "p50",
          "p99",
          "max",
          "bare p50",
          "p50 / bare",
          "p99 / p50",
          "wait",
          "commit",
          "delivery",
          "sessions in a commit",
          "first token p50",
          "server CPU s/M tokens",
          "PostgreSQL CPU s/M tokens",
          "written bytes/token",
          "RSS");

  private final int seconds;

  /// @param seconds that are counted of each load
  Latency(int seconds) {
    this.seconds = seconds;
  }

  @Override
  public String name() {
    return "latency";
  }

  @Override
  public String title() {
    return "Latency that is added to a token";
  }

  @Override
  public Figures run(List<String> jvm) throws Exception {
    List<List<Cell>> rows = new ArrayList<>();
    List<Figures.Bar> bars = new ArrayList<>();
    double p50 = 0;
    try (Subject subject = Subject.parley(jvm, Map.of())) {
      // The code must be compiled before it is measured.
      var _ = TokenLoad.paced(subject, "warm", 100, RATE, WARM_SECONDS);
      for (int sessions : SESSIONS) {
        Meters before = Meters.read(subject.vitals());
        TokenLoad.Paced paced = TokenLoad.paced(subject, "lat" + sessions, sessions, RATE, seconds);
        Meters meters = Meters.read(subject.vitals()).since(before);
        rows.add(row(sessions, paced, meters));
        bars.add(new Figures.Bar(sessions + " × 50/s, p50", ms(paced.added(), 50)));
        bars.add(new Figures.Bar(sessions + " × 50/s, p99", ms(paced.added(), 99)));
        if (sessions == BASELINE_SESSIONS) {
          p50 = ms(paced.added(), 50);
        }
      }
      try (Subject baselines = Subject.baselines(subject, jvm)) {
        var _ = RawLoad.paced(baselines, "/raw", BASELINE_SESSIONS, RATE, 20);
        Histogram raw = RawLoad.paced(baselines, "/raw", BASELINE_SESSIONS, RATE, seconds);
        rows.add(baseline("raw socket", raw, Cell.of("")));
        var _ = RawLoad.paced(baselines, "/poll", 10, RATE, 5);
        Histogram poll = RawLoad.paced(baselines, "/poll", BASELINE_SESSIONS, RATE, seconds);
        rows.add(baseline("poll design", poll, Cell.of("%.0f × Parley", ms(poll, 50) / p50)));
        bars.add(new Figures.Bar("poll design, p50", ms(poll, 50)));
      }
    }
    return new Figures(
        """
        From when the agent makes a token until its client has it; `bare` is one bare single-row commit after the
        other under the same load. Of the time, `wait` is until the token's commit begins, `commit` the commit itself,
        `delivery` the rest, all on average. The raw socket sends the same tokens from memory; the poll design
        writes a row for each and looks for pending ones every 500 ms.
        """,
        HEADER,
        rows,
        bars,
        "ms");
  }

  private static List<Cell> row(int sessions, TokenLoad.Paced paced, Meters meters) {
    Histogram added = paced.added();
    double millions = paced.tokens() / 1e6;
    Subject.Used used = paced.used();
    double total = added.getMean() / 1e6;
    return List.of(
        Cell.of(sessions + " × " + RATE),
        at(added, 50),
        at(added, 99),
        at(added, 100),
        at(paced.bare(), 50),
        Cell.of("%.1f", ms(added, 50) / ms(paced.bare(), 50)),
        Cell.of("%.1f", ms(added, 99) / ms(added, 50)),
        Cell.of("%.2f ms", meters.waitMs()),
        Cell.of("%.2f ms", meters.commitMs()),
        Cell.of("%.2f ms", total - meters.waitMs() - meters.commitMs()),
        Cell.of("%.1f", meters.batchSessions()),
        at(paced.first(), 50),
        Cell.of("%.0f", used.serverCpu() / millions),
        Cell.of("%.0f", used.postgresCpu() / millions),
        Cell.of("%.0f", (used.walBytes() + used.tableBytes()) / (double) paced.tokens()),
        Cell.of("%.0f MB", used.rssBytes() / MEGABYTE));
  }

  /// @param beside how it compares
  private static List<Cell> baseline(String name, Histogram added, Cell beside) {
    List<Cell> row =
        new ArrayList<>(
            List.of(
                Cell.of(name + ", " + BASELINE_SESSIONS + " × " + RATE),
                at(added, 50),
                at(added, 99),
                at(added, 100),
                Cell.of(""),
                beside,
                Cell.of("%.1f", ms(added, 99) / ms(added, 50))));
    while (row.size() < HEADER.size()) {
      row.add(Cell.of(""));
    }
    return row;
  }

  static double ms(Histogram histogram, double percentile) {
    return histogram.getValueAtPercentile(percentile) / 1e6;
  }

  static Cell at(Histogram histogram, double percentile) {
    return Cell.ms((double) histogram.getValueAtPercentile(percentile));
  }
}
