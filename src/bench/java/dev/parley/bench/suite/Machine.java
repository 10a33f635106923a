package dev.parley.bench.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// Where and how something was measured.
final class Machine {
  private Machine() {}

  /// CPU time of all cores since the machine has been up.
  ///
  /// @param all ticks of 10 ms
  /// @param stolen those that its host gave to others
  record Cpu(long all, long stolen) {
    private static final int STEAL_COLUMN = 8;

    static Cpu read() throws IOException {
      String[] columns = Files.readAllLines(Path.of("/proc/stat")).getFirst().split(" +", -1);
      long all = Arrays.stream(columns, 1, STEAL_COLUMN + 1).mapToLong(Long::parseLong).sum();
      return new Cpu(all, Long.parseLong(columns[STEAL_COLUMN]));
    }

    /// The percentage that was stolen since.
    double stolenSince(Cpu before) {
      return 100.0 * (stolen - before.stolen) / (all - before.all);
    }
  }

  /// One line of Markdown: the machine, how busy it was, and the options of the servers.
  ///
  /// @param load the load average before
  /// @param stolen what its host took of it meanwhile, in percent
  /// @param jvm options of every server
  static String describe(List<String> jvm, int runs, String load, double stolen)
      throws IOException {
    return "%s on %d × %s, %d GB, Linux %s, Java %s; load average before: %s, %.1f %% of the CPU taken by the host. Options of the server's JVM: %s."
        .formatted(
            runs == 1 ? "One run" : "Median of " + runs + " runs",
            Runtime.getRuntime().availableProcessors(),
            field(Path.of("/proc/cpuinfo"), "model name"),
            Long.parseLong(field(Path.of("/proc/meminfo"), "MemTotal").replaceAll("\\D", "")) >> 20,
            System.getProperty("os.version"),
            Runtime.version(),
            load,
            stolen,
            jvm.isEmpty() ? "none" : "`" + String.join(" ", jvm) + "`");
  }

  private static String field(Path path, String name) throws IOException {
    return Files.readAllLines(path).stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }

  /// Of the last minute.
  static String loadAverage() throws IOException {
    String text = Files.readString(Path.of("/proc/loadavg"));
    return text.substring(0, text.indexOf(' '));
  }
}
