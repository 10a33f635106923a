package dev.parley.app;

import dev.parley.log.Failures;
import dev.parley.loop.EventLoop;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The order of a graceful stop (requirement N4), and how long each part of it may take. What does
/// not come to its end is told, and does not keep the rest from going on. Once is enough: a second
/// call gets the end of the first.
final class StopSequence {
  private static final Logger LOG = Logger.getLogger(StopSequence.class);

  /// Between two looks at what is still open.
  private static final Duration LOOK = Duration.ofMillis(10);

  private final Node node;
  private final EventLoop loop;
  private final Limits limits;
  private final Uni<Void> stop;

  private volatile boolean begun;
  private long begunNanos;
  private boolean hurried;

  /// What can be cut short at the moment.
  private @Nullable Wait waiting;

  /// What is stopped.
  interface Node {
    /// No turn starts from now on. Done when none runs any more.
    Uni<Void> close();

    /// Ends the turns that run. Done when that is committed.
    Uni<Void> stopTurns();

    /// No discrete effect is begun from now on. Done when none is executing any more.
    Uni<Void> stopEffects();

    /// Ends what follows sessions. Done when clients have acknowledged all of it.
    Uni<Void> finishDeliveries();

    /// Ends what of that is left.
    void endDeliveries();

    /// Has every connection close when it is done.
    void leaveConnections();

    /// Connections that are open, and answers under way.
    int openConnections();

    /// Closes the connections that are left.
    void endConnections();
  }

  /// @param pause in which everything goes on, while the node is not ready any more
  /// @param turns in which turns may come to their own ends
  /// @param commits for the last commits of turns that are interrupted
  /// @param delivery for clients to acknowledge what they were sent, and for connections to end
  /// @param effects for what is executing
  /// @param whole for all of it; the last commits are waited for all the same
  record Limits(
      Duration pause,
      Duration turns,
      Duration commits,
      Duration delivery,
      Duration effects,
      Duration whole) {}

  StopSequence(Node node, EventLoop loop, Limits limits) {
    this.node = node;
    this.loop = loop;
    this.limits = limits;
    this.stop = Uni.createFrom().deferred(this::inOrder).memoize().indefinitely();
  }

  /// Whether the node has begun to stop.
  boolean isBegun() {
    return begun;
  }

  /// Does it all. Never fails.
  Uni<Void> run() {
    return stop;
  }

  /// Waits for nothing any more, except for the last commits.
  void hurry() {
    loop.execute(() -> {
      hurried = true;
      if (waiting != null) {
        waiting.giveUp();
      }
    });
  }

  private Uni<Void> inOrder() {
    begun = true;
    begunNanos = loop.nanoTime();
    LOG.infof("Stopping: not ready any more, going on for %s", limits.pause());
    return patiently("the pause", Uni.createFrom().nothing(), limits.pause(), false)
        .flatMap(_ -> turns())
        .flatMap(_ -> deliveries())
        .flatMap(_ -> connections())
        .invoke(() ->
            LOG.infof(
                "Stopped serving after %d ms",
                Duration.ofNanos(loop.nanoTime() - begunNanos).toMillis()));
  }

  private Uni<Void> turns() {
    Uni<Void> effects = node.stopEffects().memoize().indefinitely();
    var _ = effects.subscribe().with(_ -> {}, _ -> {});
    return patiently("turns that run", node.close(), limits.turns(), false)
        .flatMap(_ -> inAnyCase("the last commits of turns", node.stopTurns(), limits.commits()))
        .flatMap(_ -> patiently("effects that execute", effects, limits.effects(), true));
  }

  private Uni<Void> deliveries() {
    return patiently(
            "clients that have not acknowledged everything",
            node.finishDeliveries(),
            limits.delivery(),
            true)
        .invoke(node::endDeliveries);
  }

  private Uni<Void> connections() {
    node.leaveConnections();
    return patiently("connections that are open", noneOpen(), limits.delivery(), true)
        .invoke(node::endConnections);
  }

  private Uni<Void> noneOpen() {
    return Uni.createFrom().<Void>emitter(this::look);
  }

  private void look(UniEmitter<? super Void> none) {
    if (node.openConnections() == 0) {
      none.complete(null);
    } else {
      EventLoop.Timer _ = loop.schedule(LOOK, () -> look(none));
    }
  }

  /// Waits as long as the whole stop may still take, and not at all once it was hurried.
  private Uni<Void> patiently(String what, Uni<Void> step, Duration max, boolean tell) {
    return onLoop(done -> {
      Duration left = limits.whole().minusNanos(loop.nanoTime() - begunNanos);
      Duration most = left.compareTo(max) < 0 ? left : max;
      Wait wait = new Wait(what, done, tell);
      waiting = wait;
      wait.begin(step, hurried || most.isNegative() ? Duration.ZERO : most);
    });
  }

  /// Waits so long, whatever the rest has taken, and however hurried it is.
  private Uni<Void> inAnyCase(String what, Uni<Void> step, Duration max) {
    return onLoop(done -> new Wait(what, done, true).begin(step, max));
  }

  private Uni<Void> onLoop(Consumer<UniEmitter<? super Void>> begin) {
    return Uni.createFrom().emitter(done -> loop.execute(() -> begin.accept(done)));
  }

  /// One step, until it is done or given up. On the loop.
  private final class Wait {
    private final String what;
    private final UniEmitter<? super Void> done;
    private final boolean tell;
    private boolean over;

    Wait(String what, UniEmitter<? super Void> done, boolean tell) {
      this.what = what;
      this.done = done;
      this.tell = tell;
    }

    void begin(Uni<Void> step, Duration max) {
      var _ =
          step.subscribe()
              .with(
                  _ -> loop.execute(this::goOn),
                  failure ->
                      loop.execute(() -> {
                        LOG.warnf("Stopping goes on without %s: %s", what, Failures.named(failure));
                        goOn();
                      }));
      EventLoop.Timer _ = loop.schedule(max, this::giveUp);
    }

    void giveUp() {
      if (!over && tell) {
        LOG.warnf("Stopping goes on without %s", what);
      }
      goOn();
    }

    private void goOn() {
      if (!over) {
        over = true;
        done.complete(null);
      }
    }
  }
}
