package dev.parley.bench.suite;

import dev.parley.bench.suite.Figures.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// As many tokens as go through, durable and delivered, beside a socket that emits the same tokens
/// from memory.
final class Saturation implements Scenario {
  private static final int SESSIONS = 100;

  private final int tokens;

  /// @param tokens of each session when they are not joined; ten times as many when they are
  Saturation(int tokens) {
    this.tokens = tokens;
  }

  @Override
  public String name() {
    return "saturation";
  }

  @Override
  public String title() {
    return "Saturation";
  }

  @Override
  public Figures run(List<String> jvm) throws Exception {
    List<List<Cell>> rows = new ArrayList<>();
    TokenLoad.Saturated raw;
    TokenLoad.Saturated joined;
    TokenLoad.Saturated single;
    try (Subject subject = Subject.parley(jvm, Map.of())) {
      try (Subject baselines = Subject.baselines(subject, jvm)) {
        // The code must be compiled before it is measured.
        var _ = RawLoad.saturated(baselines, SESSIONS, 4 * tokens);
        raw = RawLoad.saturated(baselines, SESSIONS, 4 * tokens);
      }
      var _ = TokenLoad.saturated(subject, "warm", SESSIONS, 4 * tokens);
      joined = TokenLoad.saturated(subject, "joined", SESSIONS, 10 * tokens);
    }
    try (Subject subject = Subject.parley(jvm, Map.of("PARLEY_FRAMES_JOINED_BYTES_MAX", "0"))) {
      var _ = TokenLoad.saturated(subject, "warm", SESSIONS, 2 * tokens);
      var _ = TokenLoad.saturated(subject, "warms", SESSIONS, 2 * tokens);
      single = TokenLoad.saturated(subject, "single", SESSIONS, 2 * tokens);
    }
    rows.add(row("raw socket, from memory", raw, raw));
    rows.add(row("each token a frame of its own", single, raw));
    rows.add(row("tokens joined", joined, raw));
    return new Figures(
        """
        100 sessions `/count N 0`, each with one client. Tokens that wait together become one frame, unless
        `parley.frames.joined-bytes-max` is 0. Beside them a `websockets-next` endpoint that sends the same tokens from
        memory, each a message.
        """,
        List.of(
            "",
            "tokens/s",
            "tokens per CPU second of the server",
            "of the raw socket's",
            "tokens in a value",
            "PostgreSQL CPU s/M tokens",
            "written bytes/token"),
        rows,
        List.of(
            new Figures.Bar("raw socket", raw.perCpuSecond()),
            new Figures.Bar("each its own frame", single.perCpuSecond()),
            new Figures.Bar("joined", joined.perCpuSecond())),
        "tokens per CPU second");
  }

  private static List<Cell> row(String what, TokenLoad.Saturated figures, TokenLoad.Saturated raw) {
    return List.of(
        Cell.of(what),
        Cell.of("%,.0f", figures.perSecond()),
        Cell.of("%,.0f", figures.perCpuSecond()),
        Cell.of("%.0f %%", 100 * figures.perCpuSecond() / raw.perCpuSecond()),
        Cell.of("%.1f", (double) figures.tokens() / figures.values()),
        Cell.of("%.1f", figures.used().postgresCpu() / (figures.tokens() / 1e6)),
        Cell.of(
            "%.0f",
            (figures.used().walBytes() + figures.used().tableBytes()) / (double) figures.tokens()));
  }
}
