package dev.parley.loop;

/// The loops of this process. A session's actor, its feed and its subscriptions share one loop.
public interface EventLoops {

  /// The loop of the session with this surrogate id; always the same one.
  EventLoop of(long sid);
}
