package dev.parley.app;

import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.config.SmallRyeConfig;
import java.util.Locale;
import java.util.regex.Pattern;

/// The name of this process, which every line of its log carries. The log is configured before
/// anything of Parley runs, so a name that is not given is made up before that.
final class NodeName {
  private static final String NODE_ID = "parley.node.id";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,128}");

  private NodeName() {}

  /// Idempotent within a process.
  static void ensure() {
    SmallRyeConfig config = ConfigUtils.configBuilder().build();
    String name =
        config
            .getOptionalValue(NODE_ID, String.class)
            .orElseGet(() -> "node-" + new Ulids().next().toLowerCase(Locale.ROOT));
    if (!NAME.matcher(name).matches()) {
      throw new StartRefusedException(
          NODE_ID + " is up to 128 letters, digits, dots, underscores and hyphens");
    }
    System.setProperty(NODE_ID, name);
  }
}
