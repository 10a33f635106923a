package dev.parley.agent.tool;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.parley.agent.tool.mcp.McpPeer;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The tools of one MCP server while it is there. A virtual thread reaches it, asks for its tools
/// every now and then and whenever it says that they have changed, and reaches it again when it was
/// away.
final class McpTools implements AutoCloseable {
  /// Of one server; what is more, by name, is left out. No model chooses well among so many.
  static final int TOOLS_MAX = 256;

  private static final FieldLog LOG = FieldLog.of(McpTools.class);
  private static final Duration PAUSE_MIN = Duration.ofMillis(500);

  private final McpServer server;
  private final Function<String, ToolLimits> limits;
  private final Duration pauseMin;
  private final Thread keeper;
  private final Semaphore nudges = new Semaphore(0);

  /// A tool keeps its places while its server is away: calls may still be ending.
  private final Map<String, LimitedTool> limited = new ConcurrentHashMap<>();

  private volatile @Nullable Present present;
  private volatile boolean closed;

  /// A server that is there, and what it has, by the names for models.
  private record Present(McpPeer peer, SortedMap<String, Offer> offers) {}

  /// @param own what the server calls it
  private record Offer(String own, ToolSpecification specification) {}

  /// @param limits of a tool, by its name for models
  McpTools(McpServer server, Function<String, ToolLimits> limits) {
    this.server = server;
    this.limits = limits;
    this.pauseMin =
        PAUSE_MIN.compareTo(server.retryPauseMax()) < 0 ? PAUSE_MIN : server.retryPauseMax();
    this.keeper = Thread.ofVirtual().name("mcp-" + server.name()).unstarted(this::keep);
  }

  void start() {
    keeper.start();
  }

  List<ToolSpecification> specifications() {
    Present now = present;
    return now == null
        ? List.of()
        : now.offers().values().stream().map(Offer::specification).toList();
  }

  /// Absent: the server is away, or does not have it.
  @Nullable LimitedTool tool(String name) {
    Present now = present;
    return now != null && now.offers().containsKey(name) ? limited.get(name) : null;
  }

  private void keep() {
    Duration pause = pauseMin;
    boolean told = false;
    while (!closed) {
      boolean wasThere = false;
      try (McpPeer peer = reach()) {
        while (!closed) {
          offer(peer);
          if (!wasThere) {
            wasThere = true;
            LOG.infof(
                Fields.NONE,
                "MCP server %s is there, with %d tools",
                server.name(),
                specifications().size());
          }
          pause = pauseMin;
          listen();
        }
      } catch (RuntimeException | InterruptedException e) {
        if (!closed && (wasThere || !told)) {
          told = true;
          LOG.warnf(
              Fields.NONE,
              "MCP server %s is away, and so are its tools; it is tried again ever more slowly: %s",
              server.name(),
              McpPeer.named(e));
        }
      } finally {
        present = null;
      }
      pause = rest(pause);
    }
  }

  private McpPeer reach() {
    McpPeer.Settings settings =
        new McpPeer.Settings(server.name(), server.timeout(), server.messageBytesMax());
    @Nullable String url = server.url();
    return url == null
        ? McpPeer.overStdio(server.command(), server.environment(), settings, nudges::release)
        : McpPeer.overHttp(URI.create(url), server.bearerToken(), settings, nudges::release);
  }

  private void offer(McpPeer peer) {
    SortedMap<String, Offer> offers = new TreeMap<>();
    List<ToolSpecification> tools =
        peer.tools().stream().sorted(Comparator.comparing(ToolSpecification::name)).toList();
    for (ToolSpecification tool : tools) {
      String name = ToolNames.ofServer(server.name(), tool.name());
      if (offers.size() < TOOLS_MAX && !tool.name().isEmpty()) {
        Offer _ =
            offers.putIfAbsent(
                name,
                new Offer(
                    tool.name(),
                    ToolSpecification.builder()
                        .name(name)
                        .description(tool.description())
                        .parameters(tool.parameters())
                        .build()));
      }
    }
    offers
        .keySet()
        .forEach(name ->
            limited.computeIfAbsent(
                name,
                _ ->
                    new LimitedTool(
                        name, limits.apply(name), call -> call(name, call.arguments()))));
    boolean _ =
        limited
            .entrySet()
            .removeIf(entry -> !offers.containsKey(entry.getKey()) && entry.getValue().isIdle());
    present = new Present(peer, Collections.unmodifiableSortedMap(offers));
  }

  private String call(String name, String arguments) {
    Present now = present;
    Offer offer = now == null ? null : now.offers().get(name);
    if (now == null || offer == null) {
      throw new IllegalStateException("the tool's server went away");
    }
    return now.peer().call(offer.own(), arguments);
  }

  /// Waits until there is a reason to ask again.
  private void listen() throws InterruptedException {
    if (nudges.tryAcquire(server.checkInterval().toNanos(), TimeUnit.NANOSECONDS)) {
      // a server that talks without end is not asked without end
      Thread.sleep(pauseMin);
      int _ = nudges.drainPermits();
    }
  }

  /// @return how long to wait the next time
  private Duration rest(Duration pause) {
    if (!closed) {
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        // closed, which is looked at next
      }
    }
    int _ = nudges.drainPermits();
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(server.retryPauseMax()) < 0 ? twice : server.retryPauseMax();
  }

  /// Leaves the server; [#await] says when that is done. Idempotent.
  @Override
  public void close() {
    closed = true;
    present = null;
    keeper.interrupt();
  }

  void await(Duration time) throws InterruptedException {
    boolean _ = keeper.join(time);
  }
}
