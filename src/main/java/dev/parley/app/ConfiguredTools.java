package dev.parley.app;

import dev.parley.agent.tool.McpServer;
import dev.parley.agent.tool.ToolBean;
import dev.parley.agent.tool.ToolLimits;
import dev.parley.agent.tool.Toolbox;
import dev.parley.app.AgentsConfig.AnyToolConfig;
import dev.parley.app.AgentsConfig.Approval;
import dev.parley.app.AgentsConfig.McpConfig;
import dev.parley.app.AgentsConfig.ToolConfig;
import io.smallrye.config.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The tools that are configured, and those of beans. A setting that cannot be used is told by its
/// name.
final class ConfiguredTools {
  private static final String ANY = "parley.tool";

  private ConfiguredTools() {}

  /// Opens the toolbox of this node.
  ///
  /// @throws StartRefusedException a setting cannot be used, or two tools could have one name
  static Toolbox open(ParleyConfig config, Collection<ToolBean> beans) {
    List<McpServer> servers = servers(config);
    Map<String, ToolLimits> limits = limits(config);
    ToolLimits otherwise = limits(config.tool());
    try {
      return Toolbox.open(beans, servers, limits, otherwise);
    } catch (IllegalArgumentException e) {
      throw new StartRefusedException(
          "parley.tools, parley.mcp and the beans with tools do not fit together: "
              + e.getMessage());
    }
  }

  /// Of the tools that have something of their own.
  static Map<String, ToolLimits> limits(ParleyConfig config) {
    ToolLimits otherwise = limits(config.tool());
    Map<String, ToolLimits> limits = new HashMap<>();
    ConfiguredNames.ofTools(config.tools())
        .forEach((name, tool) -> limits.put(name, limits(tool, "parley.tools." + name, otherwise)));
    return limits;
  }

  /// By name.
  static List<McpServer> servers(ParleyConfig config) {
    List<McpServer> servers = new ArrayList<>();
    ConfiguredNames.ofServers(config.mcp())
        .forEach((name, server) -> servers.add(server(name, "parley.mcp." + name, server)));
    return servers;
  }

  static ToolLimits limits(AnyToolConfig any) {
    return limits(
        ANY,
        any.timeout(),
        any.concurrencyMax(),
        any.waitingMax(),
        any.outputBytesMax(),
        any.approval() == Approval.REQUIRED);
  }

  private static ToolLimits limits(ToolConfig tool, String name, ToolLimits otherwise) {
    return limits(
        name,
        tool.timeout().orElse(otherwise.timeout()),
        tool.concurrencyMax().orElse(otherwise.concurrencyMax()),
        tool.waitingMax().orElse(otherwise.waitingMax()),
        tool.outputBytesMax().orElse(otherwise.outputBytesMax()),
        tool.approval().map(Approval.REQUIRED::equals).orElse(otherwise.approval()));
  }

  private static ToolLimits limits(
      String name,
      Duration timeout,
      int concurrencyMax,
      int waitingMax,
      int outputBytesMax,
      boolean approval) {
    Checked.positive(name + ".timeout", timeout);
    Checked.atLeast(1, name + ".concurrency-max", concurrencyMax);
    Checked.atLeast(0, name + ".waiting-max", waitingMax);
    Checked.atLeast(1, name + ".output-bytes-max", outputBytesMax);
    return new ToolLimits(timeout, concurrencyMax, waitingMax, outputBytesMax, approval);
  }

  private static McpServer server(String name, String setting, McpConfig server) {
    Map<String, String> environment = new HashMap<>();
    for (Map.Entry<String, Secret<String>> variable :
        ConfiguredNames.ofVariables(server.environment()).entrySet()) {
      environment.put(variable.getKey(), Secrets.value(variable.getValue()).orElse(""));
    }
    try {
      return new McpServer(
          name,
          server.url().orElse(null),
          Secrets.of(setting + ".bearer-token", server.bearerToken(), server.bearerTokenFile())
              .orElse(null),
          server.command().orElse(List.of()),
          environment,
          server.timeout(),
          server.checkInterval(),
          server.retryPauseMax(),
          server.messageBytesMax());
    } catch (IllegalArgumentException e) {
      throw new StartRefusedException(setting + " cannot be used: " + e.getMessage());
    }
  }
}
