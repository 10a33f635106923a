package dev.parley.bench.suite;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/// What Parley adds to a token at 50 tokens per second and session, and the poll design beside it.
final class Latency implements Scenario {
  private static final int RATE = 50;
  private static final int[] SESSIONS = {1, 100, 500};
  private static final int POLL_SESSIONS = 100;

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
    List<List<String>> rows = new ArrayList<>();
    List<Figures.Bar> bars = new ArrayList<>();
    double p50 = 0;
    try (Subject subject = Subject.parley(jvm, Map.of())) {
      // The code must be compiled before it is measured.
      var _ = TokenLoad.paced(subject, "warm", 50, RATE, 15);
      for (int sessions : SESSIONS) {
        Meters before = Meters.read(subject.vitals());
        TokenLoad.Paced paced = TokenLoad.paced(subject, "lat" + sessions, sessions, RATE, seconds);
        Meters meters = Meters.read(subject.vitals()).since(before);
        rows.add(row(sessions, paced, meters));
        bars.add(new Figures.Bar(sessions + " × 50/s, p50", ms(paced.added(), 50)));
        bars.add(new Figures.Bar(sessions + " × 50/s, p99", ms(paced.added(), 99)));
        if (sessions == POLL_SESSIONS) {
          p50 = ms(paced.added(), 50);
        }
      }
      try (Subject baselines = Subject.baselines(subject, jvm)) {
        var _ = RawLoad.paced(baselines, "/poll", 10, RATE, 5);
        Histogram poll = RawLoad.paced(baselines, "/poll", POLL_SESSIONS, RATE, seconds);
        rows.add(poll(poll, p50));
        bars.add(new Figures.Bar("poll design, p50", ms(poll, 50)));
      }
    }
    return new Figures(
        """
        From when the agent makes a token until its client has it; `bare` is one bare single-row commit after the
        other under the same load. Of the time, `wait` is until the token's commit begins, `commit` the commit itself,
        `delivery` the rest, all on average. The poll design writes a row for each token and looks for pending ones
        every 500 ms.
        """,
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
            "RSS"),
        rows,
        bars,
        "ms");
  }

  private static List<String> row(int sessions, TokenLoad.Paced paced, Meters meters) {
    Histogram added = paced.added();
    double millions = paced.tokens() / 1e6;
    Subject.Used used = paced.used();
    double total = added.getMean() / 1e6;
    return List.of(
        sessions + " × " + RATE,
        text(ms(added, 50)),
        text(ms(added, 99)),
        text(ms(added, 100)),
        text(ms(paced.bare(), 50)),
        "%.1f".formatted(ms(added, 50) / ms(paced.bare(), 50)),
        "%.1f".formatted(ms(added, 99) / ms(added, 50)),
        text(meters.waitMs()),
        text(meters.commitMs()),
        text(total - meters.waitMs() - meters.commitMs()),
        "%.1f".formatted(meters.batchSessions()),
        text(ms(paced.first(), 50)),
        "%.0f".formatted(used.serverCpu() / millions),
        "%.0f".formatted(used.postgresCpu() / millions),
        "%.0f".formatted((used.walBytes() + used.tableBytes()) / (double) paced.tokens()),
        "%d MB".formatted(used.rssBytes() >> 20));
  }

  private static List<String> poll(Histogram poll, double p50) {
    List<String> row =
        new ArrayList<>(
            List.of(
                "poll design, " + POLL_SESSIONS + " × " + RATE,
                text(ms(poll, 50)),
                text(ms(poll, 99)),
                text(ms(poll, 100)),
                "",
                "%.0f × Parley".formatted(ms(poll, 50) / p50)));
    while (row.size() < 16) {
      row.add("");
    }
    return row;
  }

  static double ms(Histogram histogram, double percentile) {
    return histogram.getValueAtPercentile(percentile) / 1e6;
  }

  static String text(double ms) {
    return "%.2f ms".formatted(ms);
  }
}
