package dev.parley.app;

import dev.parley.loop.EventLoop;
import io.vertx.core.Vertx;

/// Real event loops for tests of other packages.
public final class TestLoops {
  private TestLoops() {}

  public static EventLoop make(Vertx vertx) {
    return VertxEventLoops.make(vertx);
  }
}
