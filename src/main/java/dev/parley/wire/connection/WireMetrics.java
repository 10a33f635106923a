package dev.parley.wire.connection;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// What happens on connections, in numbers. Labels have few values, none of them a client's choice.
public final class WireMetrics {
  /// Codes of RFC 6455 that tell something; a client may say any other.
  private static final Set<Integer> CODES =
      Set.of(1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013);

  /// Between which a delivery's time is told.
  private static final Duration[] DELIVERY = {
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5)
  };

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
    private final Timer lasted;
    private final Timer delivery;
    private final DistributionSummary received;
    private final DistributionSummary sent;
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
      lasted =
          Timer.builder("parley.connections.duration")
              .description("How long connections that have ended were open")
              .tag("endpoint", path)
              .register(registry);
      delivery =
          Timer.builder("parley.delivery")
              .description("From a commit until its frames were written to a connection")
              .tag("endpoint", path)
              .serviceLevelObjectives(DELIVERY)
              .register(registry);
      received = messages("received");
      sent = messages("sent");
    }

    String path() {
      return path;
    }

    /// A socket was opened.
    ///
    /// @param id its name
    public ConnectionLife opened(String id) {
      return begin(id, ConnectionLife.Sort.SOCKET);
    }

    /// An answer over HTTP has begun; it is given a name.
    public ConnectionLife opened() {
      return begin(UUID.randomUUID().toString(), ConnectionLife.Sort.EXCHANGE);
    }

    private ConnectionLife begin(String id, ConnectionLife.Sort sort) {
      active.incrementAndGet();
      opened.increment();
      return new ConnectionLife(this, id, sort);
    }

    /// @param code a WebSocket close code
    void ended(int code, long lastedNanos) {
      active.decrementAndGet();
      lasted.record(lastedNanos, TimeUnit.NANOSECONDS);
      Counter.builder("parley.connections.closed")
          .description("Connections that ended, by WebSocket close code")
          .tag("endpoint", path)
          .tag("code", CODES.contains(code) ? Integer.toString(code) : "other")
          .register(registry)
          .increment();
    }

    /// How many messages a socket has had that has ended.
    void messages(long came, long went) {
      received.record((double) came);
      sent.record((double) went);
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

    /// Frames were written.
    ///
    /// @param sinceNanos how long ago the newest of them was committed
    public void delivered(long sinceNanos) {
      delivery.record(sinceNanos, TimeUnit.NANOSECONDS);
    }

    private DistributionSummary messages(String direction) {
      return DistributionSummary.builder("parley.connections.messages")
          .description("WebSocket messages of a socket that has ended")
          .tag("endpoint", path)
          .tag("direction", direction)
          .register(registry);
    }

    private Counter counter(String name, String description) {
      return Counter.builder(name)
          .description(description)
          .tag("endpoint", path)
          .register(registry);
    }
  }
}
