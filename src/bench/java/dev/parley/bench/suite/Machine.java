package dev.parley.bench.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Where and how something was measured.
final class Machine {
  private Machine() {}

  /// One line of Markdown: the machine, how busy it was before, and the options of the servers.
  ///
  /// @param jvm options of every server
  static String describe(List<String> jvm, int runs) throws IOException {
    return "%s on %d × %s, %d GB, Linux %s, Java %s; load average before: %s. Options of the server's JVM: %s."
        .formatted(
            runs == 1 ? "One run" : "Median of " + runs + " runs",
            Runtime.getRuntime().availableProcessors(),
            field(Path.of("/proc/cpuinfo"), "model name"),
            Long.parseLong(field(Path.of("/proc/meminfo"), "MemTotal").replaceAll("\\D", "")) >> 20,
            System.getProperty("os.version"),
            Runtime.version(),
            field0(Path.of("/proc/loadavg")),
            jvm.isEmpty() ? "none" : "`" + String.join(" ", jvm) + "`");
  }

  private static String field(Path path, String name) throws IOException {
    return Files.readAllLines(path).stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }

  private static String field0(Path path) throws IOException {
    String text = Files.readString(path);
    return text.substring(0, text.indexOf(' '));
  }
}
