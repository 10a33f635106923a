package dev.parley.bench.suite;

import java.util.List;

/// One thing that is measured.
interface Scenario {

  /// Short, of lower-case letters and hyphens: names its chart, and chooses it on the command line.
  String name();

  String title();

  /// Runs it once on servers of its own.
  ///
  /// @param jvm options that every server gets
  Figures run(List<String> jvm) throws Exception;
}
