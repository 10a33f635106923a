package dev.parley.wire.connection;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// What happens on connections, in numbers. Labels have few values, none of them a client's choice.
public final class WireMetrics {
  /// Codes of RFC 6455 that tell something; a client may say any other.
  private static final Set<Integer> CODES =
      Set.of(1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013);

  private final MeterRegistry registry;
  private final List<Endpoint> endpoints = new CopyOnWriteArrayList<>();

  public WireMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /// Connections that are open, and answers under way over HTTP.
  public int open() {
    return endpoints.stream().mapToInt(endpoint -> endpoint.active.get()).sum();
  }

  /// @param path where its connections come in
  public Endpoint endpoint(String path) {
    return new Endpoint(path);
  }

  /// A client was refused something because of a limit.
  ///
  /// @param limit its name, one of those that refusals tell
  public void refused(String limit) {
    Counter.builder("parley.wire.refusals")
        .description("What clients were refused because of a limit")
        .tag("limit", limit)
        .register(registry)
        .increment();
  }

  /// The connections of one endpoint.
  public final class Endpoint {
    private final AtomicInteger active = new AtomicInteger();
    private final Counter opened;
    private final Counter frames;
    private final Counter garbage;
    private final String path;

    private Endpoint(String path) {
      this.path = path;
      endpoints.add(this);
      Gauge.builder("parley.connections.active", active::get)
          .description("Open connections; over HTTP, answers under way")
          .tag("endpoint", path)
          .register(registry);
      opened = counter("parley.connections.opened", "Connections that were opened");
      frames = counter("parley.wire.frames.received", "Messages that clients sent");
      garbage = counter("parley.wire.garbage", "Messages of clients that could not be read");
    }

    public void opened() {
      active.incrementAndGet();
      opened.increment();
    }

    /// @param code a WebSocket close code, whoever said it; over HTTP the one that comes nearest
    public void closed(int code) {
      active.decrementAndGet();
      Counter.builder("parley.connections.closed")
          .description("Connections that ended, by WebSocket close code")
          .tag("endpoint", path)
          .tag("code", CODES.contains(code) ? Integer.toString(code) : "other")
          .register(registry)
          .increment();
    }

    /// A message came in, one of the protocol's.
    public void frame() {
      frames.increment();
    }

    /// It could not be read.
    public void garbage() {
      garbage.increment();
    }

    public void refused(String limit) {
      WireMetrics.this.refused(limit);
    }

    private Counter counter(String name, String description) {
      return Counter.builder(name)
          .description(description)
          .tag("endpoint", path)
          .register(registry);
    }
  }
}
