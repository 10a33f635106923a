package dev.parley.wire.connection;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;

/// The end of all sockets of a node that stops: each is closed with [Outbound#GOING_AWAY] and told
/// when to come again, every one at another time, so that the next node does not get them all at
/// once. Used from any thread.
public final class Farewell {
  private final long retryAfterMinMs;
  private final long retryAfterMaxMs;
  private final List<Sockets> endpoints = new CopyOnWriteArrayList<>();
  private volatile boolean begun;

  /// @param retryAfterMin how soon a client may come again, at the earliest
  /// @param retryAfterMax and at the latest
  /// @throws IllegalArgumentException when the latest is before the earliest
  public Farewell(Duration retryAfterMin, Duration retryAfterMax) {
    if (retryAfterMax.compareTo(retryAfterMin) < 0 || retryAfterMin.isNegative()) {
      throw new IllegalArgumentException("a client comes again at the earliest before the latest");
    }
    this.retryAfterMinMs = retryAfterMin.toMillis();
    this.retryAfterMaxMs = retryAfterMax.toMillis();
  }

  void join(Sockets endpoint) {
    endpoints.add(endpoint);
  }

  /// From now on every socket is closed once all is answered and written, and a new one at once.
  /// Idempotent.
  public void begin() {
    begun = true;
    endpoints.forEach(Sockets::leave);
  }

  /// Closes the sockets that are left. Idempotent.
  public void end() {
    endpoints.forEach(Sockets::closeAll);
  }

  boolean isBegun() {
    return begun;
  }

  /// What one client is told, within the 123 bytes that RFC 6455 leaves for it.
  String reason() {
    long retryAfterMs = ThreadLocalRandom.current().nextLong(retryAfterMinMs, retryAfterMaxMs + 1);
    return "stopping; retryAfterMs=" + retryAfterMs;
  }
}
