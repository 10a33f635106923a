package dev.parley.bench.suite;

import java.util.List;
import java.util.Locale;

/// Horizontal bars as SVG, on a scale from zero; with values that differ a hundredfold, on a
/// logarithmic one, which it says.
final class BarChart {
  private static final int LABEL_WIDTH = 230;
  private static final int BAR_WIDTH = 420;
  private static final int VALUE_WIDTH = 110;
  private static final int ROW_HEIGHT = 26;
  private static final int HEAD_HEIGHT = 40;
  private static final double LOGARITHMIC_FROM = 100;

  private BarChart() {}

  static String of(String title, List<Figures.Bar> bars, String unit) {
    double max = bars.stream().mapToDouble(Figures.Bar::value).max().orElse(1);
    double min = bars.stream().mapToDouble(Figures.Bar::value).filter(v -> v > 0).min().orElse(max);
    boolean logarithmic = max / min > LOGARITHMIC_FROM;
    int height = HEAD_HEIGHT + bars.size() * ROW_HEIGHT + 10;
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" \
        font-family="sans-serif" font-size="13">
        <rect width="100%%" height="100%%" fill="#fff"/>
        <text x="10" y="24" font-size="15" font-weight="bold" fill="#222">%3$s (%4$s)</text>
        """
            .formatted(
                LABEL_WIDTH + BAR_WIDTH + VALUE_WIDTH,
                height,
                escaped(title),
                escaped(logarithmic ? unit + ", logarithmic" : unit)));
    for (int i = 0; i < bars.size(); i++) {
      Figures.Bar bar = bars.get(i);
      double share =
          logarithmic
              ? (Math.log(bar.value() / min) + 1) / (Math.log(max / min) + 1)
              : bar.value() / max;
      int y = HEAD_HEIGHT + i * ROW_HEIGHT;
      long width = Math.max(1, Math.round(share * BAR_WIDTH));
      svg.append(
          """
          <text x="%d" y="%d" text-anchor="end" fill="#222">%s</text>
          <rect x="%d" y="%d" width="%d" height="18" fill="#3b6ea5"/>
          <text x="%d" y="%d" fill="#222">%s</text>
          """
              .formatted(
                  LABEL_WIDTH - 8,
                  y + 14,
                  escaped(bar.label()),
                  LABEL_WIDTH,
                  y,
                  width,
                  LABEL_WIDTH + width + 6,
                  y + 14,
                  number(bar.value())));
    }
    return svg.append("</svg>\n").toString();
  }

  private static String number(double value) {
    return String.format(
        Locale.ROOT, value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
