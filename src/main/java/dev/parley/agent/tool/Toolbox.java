package dev.parley.agent.tool;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.parley.loop.EventLoop;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// All tools of a node. MCP servers are reached in the background; nothing here waits for them.
public final class Toolbox implements AutoCloseable {
  /// For all servers together to be left in good order.
  private static final Duration CLOSE_MAX = Duration.ofSeconds(5);

  private final ToolNames names;
  private final Map<String, ToolLimits> limits = new HashMap<>();
  private final ToolLimits otherwise;
  private final SortedMap<String, BeanTool> beans = new TreeMap<>();
  private final Map<String, McpTools> servers = new TreeMap<>();

  private record BeanTool(ToolSpecification specification, LimitedTool tool) {}

  private Toolbox(
      SortedMap<String, BeanTools.Found> found,
      List<McpServer> servers,
      Map<String, ToolLimits> limits,
      ToolLimits otherwise) {
    this.names = new ToolNames(found.keySet(), servers.stream().map(McpServer::name).toList());
    this.otherwise = otherwise;
    limits.forEach((name, allowed) -> {
      if (this.limits.put(names.settled(name), allowed) != null) {
        throw new IllegalArgumentException("two limits are for the tool " + name);
      }
    });
    found.forEach((name, bean) ->
        beans.put(
            name,
            new BeanTool(
                bean.specification(), new LimitedTool(name, limitsOf(name), bean.tool()))));
    servers.forEach(
        server -> this.servers.put(server.name(), new McpTools(server, this::limitsOf)));
  }

  /// Opens a toolbox, and begins to reach its servers.
  ///
  /// @param beans objects with methods that are tools; proxies of such
  /// @param limits by names as [#only] takes them; the most exact one counts
  /// @param otherwise for tools that `limits` does not name
  /// @throws IllegalArgumentException a bean has no tools, two tools could have one name, or
  ///   `limits` names one that cannot be
  public static Toolbox open(
      Collection<?> beans,
      List<McpServer> servers,
      Map<String, ToolLimits> limits,
      ToolLimits otherwise) {
    Toolbox toolbox = new Toolbox(BeanTools.of(beans), servers, limits, otherwise);
    toolbox.servers.values().forEach(McpTools::start);
    return toolbox;
  }

  /// Those tools.
  ///
  /// @param configured the name of a bean's tool; `<server>_<tool>`, with a server's own name for
  ///   its tool or the one that models see; `<server>.*` for all of an MCP server; `*` for all
  /// @throws IllegalArgumentException one is neither a bean's nor possibly an MCP server's
  public Tools only(Collection<String> configured) {
    Set<String> settled = new HashSet<>();
    configured.forEach(name -> settled.add(names.settled(name)));
    return settled.isEmpty() ? Tools.NONE : new Chosen(settled);
  }

  /// How long a call of one of those may take at most, whatever tools a server turns out to have;
  /// zero of none.
  ///
  /// @param configured as for [#only]
  /// @throws IllegalArgumentException as there
  public Duration timeoutMax(Collection<String> configured) {
    return configured.stream()
        .map(names::settled)
        .flatMap(settled ->
            Stream.concat(
                Stream.of(limitsOf(covering(settled))),
                limits.entrySet().stream()
                    .filter(limit -> covering(limit.getKey()).contains(settled))
                    .map(Map.Entry::getValue)))
        .map(ToolLimits::timeout)
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  /// Under which names it may be limited, the most exact first; it may stand for several tools.
  private List<String> covering(String settled) {
    List<String> ofTool = names.covering(settled);
    if (!ofTool.isEmpty()) {
      return ofTool;
    }
    return settled.equals(ToolNames.ALL) ? List.of(settled) : List.of(settled, ToolNames.ALL);
  }

  private ToolLimits limitsOf(String name) {
    return limitsOf(names.covering(name));
  }

  private ToolLimits limitsOf(List<String> coverings) {
    for (String covering : coverings) {
      @Nullable ToolLimits allowed = limits.get(covering);
      if (allowed != null) {
        return allowed;
      }
    }
    return otherwise;
  }

  /// Leaves all MCP servers, and stops those that it has started. Their tools are gone with that;
  /// waits a bounded time. Idempotent.
  @Override
  public void close() {
    servers.values().forEach(McpTools::close);
    long deadlineNanos = System.nanoTime() + CLOSE_MAX.toNanos();
    try {
      for (McpTools server : servers.values()) {
        server.await(Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Some of the tools.
  private final class Chosen implements Tools {
    private final Set<String> settled;

    private Chosen(Set<String> settled) {
      this.settled = settled;
    }

    private boolean has(String name) {
      return names.covering(name).stream().anyMatch(settled::contains);
    }

    @Override
    public List<ToolSpecification> specifications() {
      return Stream.concat(
              beans.values().stream().map(BeanTool::specification),
              servers.values().stream().flatMap(server -> server.specifications().stream()))
          .filter(specification -> has(specification.name()))
          .sorted(Comparator.comparing(ToolSpecification::name))
          .toList();
    }

    @Override
    public boolean needsApproval(String name) {
      return has(name) && limitsOf(name).approval();
    }

    @Override
    public Running run(Call call, EventLoop loop, Consumer<Outcome> done) {
      if (!has(call.name())) {
        return NONE.run(call, loop, done);
      }
      @Nullable LimitedTool tool = find(call.name());
      return tool == null
          ? Reply.refusal("there is no such tool at the moment", loop, done)
          : tool.run(call, loop, done);
    }

    private @Nullable LimitedTool find(String name) {
      @Nullable BeanTool bean = beans.get(name);
      if (bean != null) {
        return bean.tool();
      }
      @Nullable String server = names.server(name);
      @Nullable McpTools tools = server == null ? null : servers.get(server);
      return tools == null ? null : tools.tool(name);
    }
  }
}
