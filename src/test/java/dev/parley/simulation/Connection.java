package dev.parley.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.effect.Delivery;
import dev.parley.loop.EventLoop;
import dev.parley.session.SessionKey;
import dev.parley.simulation.Durable.Life;
import dev.parley.testing.ManualEventLoop;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A client's connection to a node: what either sends arrives later, in order, or not at all once
/// the connection is cut. Each end learns of its end in its own time.
final class Connection {
  private final Simulation world;
  private final SimulatedNode node;
  private final Link up;
  private final Link down;
  private final Runnable lost;

  // At the client.
  private boolean open = true;

  // At the node.
  private final Set<Call<?>> calls = new LinkedHashSet<>();
  private final Set<Subscription> subscriptions = new LinkedHashSet<>();
  private boolean closed;

  /// What a client hears on one subscription.
  interface Listener {
    void batch(Delivery delivery);

    void ended(@Nullable Throwable failure);
  }

  /// One direction.
  private static final class Link {
    private final EventLoop arrival;
    private final Supplier<Duration> delay;
    private final Deque<Runnable> underWay = new ArrayDeque<>();

    Link(EventLoop arrival, Supplier<Duration> delay) {
      this.arrival = arrival;
      this.delay = delay;
    }

    void send(Runnable message) {
      underWay.add(message);
      EventLoop.Timer _ = arrival.schedule(delay.get(), () -> underWay.remove().run());
    }
  }

  /// @param client where what the node sends arrives
  /// @param lost the client learns that its connection is gone, not by its own hand
  Connection(Simulation world, SimulatedNode node, ManualEventLoop client, Runnable lost) {
    this.world = world;
    this.node = node;
    this.up = new Link(node.door(), world.plan()::networkDelay);
    this.down = new Link(client, world.plan()::networkDelay);
    this.lost = lost;
    node.opened(this);
  }

  boolean isOpen() {
    return open;
  }

  /// The client goes away without a word; the node notices in its own time.
  void cut() {
    open = false;
    world.figures().cuts++;
    EventLoop.Timer _ = node.door().schedule(world.plan().cutUnnoticed(), this::close);
  }

  /// At the node: nobody is there any more.
  private void close() {
    if (!closed) {
      closed = true;
      node.closed(this);
      unanswered().forEach(Call::cancel);
      subscriptions.forEach(Subscription::cancel);
    }
  }

  /// The node is gone: what it had sent still arrives, and then the end.
  void nodeLost() {
    down.send(() -> {
      if (open) {
        open = false;
        lost.run();
      }
    });
  }

  /// What a client wants of a session, and who hears of the answer.
  ///
  /// @param isLetter whether it goes straight into the session's mailbox
  /// @param checked is told at the node, at the moment of the answer
  /// @param reply is told on the client's loop, once, unless the connection is lost before
  /// @param failure in the place of `reply`
  record Request<T>(
      SessionKey key,
      boolean isLetter,
      Function<SimulatedNode, Uni<T>> what,
      Consumer<T> checked,
      Consumer<T> reply,
      Consumer<Throwable> failure) {}

  void call(Request<?> request) {
    up.send(() -> {
      if (!closed) {
        new Call<>(request).make();
      }
    });
  }

  /// A call at the node.
  final class Call<T> {
    private final Request<T> request;
    private @Nullable Cancellable running;
    private boolean letIn;
    private boolean over;

    Call(Request<T> request) {
      this.request = request;
    }

    void make() {
      calls.add(this);
      boolean active = node.hub().activeSessions().contains(request.key());
      running =
          request
              .what()
              .apply(node)
              .onTermination()
              .invoke(this::ended)
              .subscribe()
              .with(
                  answer -> {
                    request.checked().accept(answer);
                    answer(() -> request.reply().accept(answer));
                  },
                  failure -> answer(() -> request.failure().accept(failure)));
      Life life = world.durable().life(request.key());
      if (request.isLetter() && active && !over && life != null) {
        node.loopOf(life.sid()).execute(this::comeIn);
      }
    }

    /// On the session's loop, behind the task that gave the letter to the session.
    private void comeIn() {
      if (!over) {
        letIn = true;
        node.bounds().letIn(request.key());
      }
    }

    private void ended() {
      over = true;
      calls.remove(this);
      if (letIn) {
        node.bounds().answered(request.key());
      }
    }

    private void answer(Runnable message) {
      node.door().execute(() -> toClient(message));
    }

    void cancel() {
      if (running != null) {
        running.cancel();
      }
    }

    void mustBeOver() {
      if (!over) {
        world.violation(
            "a call of " + request.key() + " at " + node.name() + " was never answered");
      }
    }
  }

  /// The calls that the node has not answered.
  List<Call<?>> unanswered() {
    return List.copyOf(calls);
  }

  private void toClient(Runnable message) {
    if (!closed) {
      down.send(() -> {
        if (open) {
          message.run();
        }
      });
    }
  }

  /// Opens a subscription; the listener is told on the client's loop.
  Subscription subscribe(
      SessionKey key, @Nullable Long afterSeq, @Nullable String incarnation, Listener listener) {
    Subscription subscription = new Subscription(key, afterSeq, listener);
    up.send(() -> {
      if (!closed) {
        subscriptions.add(subscription);
        node.runner().subscribe(key, afterSeq, incarnation).subscribe(subscription);
      }
    });
    return subscription;
  }

  /// A subscription, as wires hold it: one batch at a time, and the next when the client has
  /// acknowledged the last.
  final class Subscription implements Flow.Subscriber<Delivery> {
    private final SessionKey key;
    private final Listener listener;
    private @Nullable Long cursor;
    private Flow.@Nullable Subscription upstream;
    private @Nullable Life life;
    private boolean wanted;
    private boolean cancelled;

    Subscription(SessionKey key, @Nullable Long afterSeq, Listener listener) {
      this.key = key;
      this.cursor = afterSeq;
      this.listener = listener;
    }

    /// The client has the last batch.
    void acknowledge() {
      up.send(() -> node.door().execute(this::next));
    }

    /// The client wants no more of it.
    void unsubscribe() {
      up.send(() -> {
        subscriptions.remove(this);
        cancel();
      });
    }

    private void next() {
      if (upstream != null && !cancelled) {
        wanted = true;
        upstream.request(1);
      }
    }

    private void cancel() {
      cancelled = true;
      if (upstream != null) {
        upstream.cancel();
      }
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      node.door()
          .execute(() -> {
            upstream = subscription;
            if (cancelled) {
              subscription.cancel();
            } else {
              next();
            }
          });
    }

    @Override
    public void onNext(Delivery delivery) {
      node.bounds().batch(delivery.values().size());
      if (!wanted) {
        world.violation("a client of " + key + " was sent more than it asked for");
      }
      wanted = false;
      mustBeDurable(delivery);
      cursor = delivery.seq();
      node.door().execute(() -> toClient(() -> listener.batch(delivery)));
    }

    /// Whatever is sent, it is the store that has it first.
    private void mustBeDurable(Delivery delivery) {
      JsonNode first = world.tree(delivery.values().getFirst());
      if (life == null) {
        life = world.durable().life(first.path("incarnation").asText());
      }
      cursor = first.path("reset").asBoolean() ? null : cursor;
      if (life == null || delivery.seq() > life.state().frameSeq()) {
        world.violation("frame " + delivery.seq() + " of " + key + " is sent before it is durable");
      } else if (cursor != null && delivery.seq() > cursor && !isTheEnd(delivery)) {
        node.bounds().delivered(life.sid(), cursor);
      }
    }

    /// That a session was deleted is told at once to whoever is behind.
    private boolean isTheEnd(Delivery delivery) {
      JsonNode last = world.tree(delivery.values().getLast());
      return last.path("_tag").asText().equals("SessionDeleted");
    }

    @Override
    public void onError(Throwable failure) {
      ended(failure);
    }

    @Override
    public void onComplete() {
      ended(null);
    }

    private void ended(@Nullable Throwable failure) {
      node.door()
          .execute(() -> {
            subscriptions.remove(this);
            toClient(() -> listener.ended(failure));
          });
    }
  }
}
