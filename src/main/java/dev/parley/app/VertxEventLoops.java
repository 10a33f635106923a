package dev.parley.app;

import dev.parley.loop.EventLoop;
import dev.parley.loop.EventLoops;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import java.util.ArrayList;
import java.util.List;

/// As many loops as Vert.x has event loop threads are useful; sessions are spread over them.
final class VertxEventLoops implements EventLoops {
  private final List<EventLoop> loops;

  VertxEventLoops(Vertx vertx, int count) {
    List<EventLoop> made = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      made.add(make(vertx));
    }
    this.loops = List.copyOf(made);
  }

  /// A loop of its own, on the next of Vert.x's threads. The public way to a context gives each
  /// calling thread the same one again and again.
  static EventLoop make(Vertx vertx) {
    return new VertxEventLoop(vertx, ((VertxInternal) vertx).createEventLoopContext());
  }

  @Override
  public EventLoop of(long sid) {
    return loops.get((int) Math.floorMod(sid, (long) loops.size()));
  }
}
