package dev.parley.agent.tool;

import dev.parley.agent.tool.Tools.Outcome;
import dev.parley.loop.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/// Tells who called a tool what came of it: once, on its loop, unless the call was taken back.
class Reply implements Tools.Running {
  private final EventLoop loop;
  private final Consumer<Outcome> done;

  /// On the loop only.
  private boolean over;

  Reply(EventLoop loop, Consumer<Outcome> done) {
    this.loop = loop;
    this.done = done;
  }

  /// A call that nothing comes of.
  static Reply refusal(String why, EventLoop loop, Consumer<Outcome> done) {
    Reply reply = new Reply(loop, done);
    reply.later(new Outcome.Failed(why));
    return reply;
  }

  /// From any thread.
  final void later(Outcome outcome) {
    try {
      loop.execute(() -> now(outcome));
    } catch (RejectedExecutionException stopped) {
      // the node has stopped, and whoever asked with it
    }
  }

  /// On the loop.
  final void now(Outcome outcome) {
    if (end()) {
      done.accept(outcome);
    }
  }

  @Override
  public final void cancel() {
    boolean _ = end();
  }

  private boolean end() {
    if (over) {
      return false;
    }
    over = true;
    ended();
    return true;
  }

  /// What else has to be done at the end, before anybody is told. On the loop.
  void ended() {}
}
