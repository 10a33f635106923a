package dev.parley.app;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// The names of agents, tools and MCP servers in their settings, as they are meant. A variable of
/// the environment with the name between doubled underscores, `PARLEY_TOOLS__CURRENT_TIME__…`,
/// arrives here with dots in it, `current.time`: no agent, tool of a bean or server has one, so it
/// can be told what it stands for.
final class ConfiguredNames {
  private static final String ALL_OF_SERVER = ".*";

  private ConfiguredNames() {}

  /// @throws StartRefusedException two names are one, written in two ways
  static <T> SortedMap<String, T> ofAgents(Map<String, T> configured) {
    return settled("parley.agents", configured, id -> id.replace('.', '_'));
  }

  /// Only the name that a server itself has for a tool may hold dots; the server's own stands
  /// before it, with an underscore.
  ///
  /// @throws StartRefusedException two names are one, written in two ways
  static <T> SortedMap<String, T> ofTools(Map<String, T> configured) {
    return settled(
        "parley.tools",
        configured,
        name -> name.endsWith(ALL_OF_SERVER) || name.contains("_") ? name : name.replace('.', '_'));
  }

  /// @throws StartRefusedException two names are one, written in two ways
  static <T> SortedMap<String, T> ofServers(Map<String, T> configured) {
    return settled("parley.mcp", configured, name -> name.replace('.', '-'));
  }

  /// The environment of a server that is started. A variable of Parley's own environment, which has
  /// no small letters, arrives with nothing else and with dots for underscores.
  static <T> SortedMap<String, T> ofVariables(Map<String, T> configured) {
    SortedMap<String, T> settled = new TreeMap<>();
    configured.forEach((name, value) -> {
      boolean asWritten = name.contains("_") || !name.equals(name.toLowerCase(Locale.ROOT));
      // One that a file names arrives from the environment in both ways, with one value.
      settled.put(asWritten ? name : name.replace('.', '_').toUpperCase(Locale.ROOT), value);
    });
    return settled;
  }

  private static <T> SortedMap<String, T> settled(
      String setting, Map<String, T> configured, UnaryOperator<String> meant) {
    SortedMap<String, T> settled = new TreeMap<>();
    Map<String, String> ways = new HashMap<>();
    configured.keySet().stream()
        .filter(name -> meant.apply(name).equals(name))
        .forEach(name -> ways.put(EnvironmentCheck.variable(name), name));
    configured.forEach((name, value) -> {
      String called = meant.apply(name);
      String other = ways.get(EnvironmentCheck.variable(name));
      if (!called.equals(name) && other != null) {
        throw new StartRefusedException(
            "%s names %s in two ways: in the environment write %s_…, and no quotes in files"
                .formatted(setting, other, EnvironmentCheck.variable(setting + "." + other)));
      }
      settled.put(called, value);
    });
    return settled;
  }
}
