package dev.parley.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.content.MessageId;
import dev.parley.effect.Delivery;
import dev.parley.loop.EventLoop;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.simulation.Durable.Life;
import dev.parley.testing.ClientLog;
import dev.parley.testing.ManualEventLoop;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A client of one session: while things go wrong it does anything at any time; once they do not it
/// finds out what became of what it had sent, and watches.
final class SimulatedClient {
  private static final Duration DUTY = Duration.ofMillis(100);

  /// How slow a client is to acknowledge; the last one hardly ever does.
  private static final List<Duration> PACES =
      List.of(Duration.ZERO, Duration.ofMillis(20), Duration.ofMillis(300), Duration.ofDays(1));

  /// A cursor that is beyond every head, and an incarnation that no session has.
  private static final long FUTURE = 1_000_000;

  private static final String NOWHERE = "nowhere";

  private final Simulation world;
  private final SessionKey key;
  private final ManualEventLoop loop;
  private final Workload workload;
  private final String name;
  private final Caller calls;

  /// What it was told, by the session it was told of: its key may name one after the other.
  private final Map<Life, ClientLog> logs = new LinkedHashMap<>();

  /// The session that it heard of last.
  private @Nullable ClientLog log;

  private @Nullable Connection connection;
  private @Nullable Watch watch;
  private Duration pace = Duration.ZERO;

  SimulatedClient(Simulation world, String name, SessionKey key, Workload workload) {
    this.world = world;
    this.key = key;
    this.loop = world.clock().sibling();
    this.workload = workload;
    this.name = name;
    this.calls = new Caller(world, name, key, workload, this::log);
  }

  /// What it was told of this session; nothing when it has not heard of it.
  Optional<ClientLog> logs(Life life) {
    return Optional.ofNullable(logs.get(life));
  }

  private ClientLog log(Life life) {
    return logs.computeIfAbsent(life, _ -> new ClientLog(name, key.toString()));
  }

  Caller calls() {
    return calls;
  }

  /// Whether it knows all it wants to know: what it has sent is decided, and what is durable is
  /// seen.
  boolean isDone() {
    Life life = world.durable().life(key);
    return calls.isDone()
        && life != null
        && watch != null
        && watch.isSettled(life)
        && Objects.equals(log(life).cursor(), life.state().frameSeq());
  }

  /// What it may be short of.
  @Override
  public String toString() {
    return "%s of %s: %s, %s, at frame %s"
        .formatted(
            name,
            world.durable().life(key),
            calls,
            watch == null ? "not subscribed" : "subscribed",
            log == null ? null : log.cursor());
  }

  void start() {
    EventLoop.Timer _ = loop.schedule(workload.pause(), this::act);
  }

  private void act() {
    if (world.plan().isCalm()) {
      duty();
      return;
    }
    if (world.durable().life(key) == null && workload.chance(2)) {
      calls.create();
    } else {
      workload.step().accept(this);
    }
    EventLoop.Timer _ = loop.schedule(workload.pause(), this::act);
  }

  private void duty() {
    connect();
    if (world.durable().life(key) != null) {
      subscribe();
      calls.decide();
    } else if (calls.isIdle()) {
      calls.create();
    }
    pace = Duration.ZERO;
    if (watch != null) {
      watch.acknowledge();
    }
    EventLoop.Timer _ = loop.schedule(DUTY, this::duty);
  }

  void connect() {
    SimulatedNode node = world.node();
    if (connection == null && node != null) {
      connection = new Connection(world, node, loop, this::disconnected);
      calls.connected(connection);
    }
  }

  void cut() {
    if (connection != null) {
      world.trace().say(() -> name + " cuts its connection");
      connection.cut();
      disconnected();
    }
  }

  private void disconnected() {
    connection = null;
    watch = null;
    calls.disconnected();
  }

  /// From the beginning, from its cursor, or from one that no session has.
  void subscribe() {
    if (connection == null || watch != null) {
      return;
    }
    Long cursor = log == null ? null : log.cursor();
    String incarnation = log == null ? null : log.incarnation();
    boolean wild = !world.plan().isCalm();
    if (cursor == null || (wild && workload.chance(4))) {
      watch = new Watch(connection, null, null);
    } else if (wild && workload.chance(6)) {
      watch =
          workload.chance(2)
              ? new Watch(connection, cursor + FUTURE, incarnation)
              : new Watch(connection, cursor, NOWHERE);
    } else {
      world.figures().resumes++;
      watch = new Watch(connection, cursor, incarnation);
    }
  }

  void unsubscribe() {
    if (watch != null) {
      watch.subscription.unsubscribe();
      watch = null;
    }
  }

  /// It acknowledges at another pace from now on.
  void changePace() {
    pace = workload.oneOf(PACES);
    if (watch != null) {
      watch.acknowledgeLater();
    }
  }

  /// One subscription.
  private final class Watch implements Connection.Listener {
    private final Connection.Subscription subscription;
    private final @Nullable Long afterSeq;
    private final @Nullable String incarnation;
    private @Nullable Life life;
    private boolean unacknowledged;
    private boolean over;

    Watch(Connection connection, @Nullable Long afterSeq, @Nullable String incarnation) {
      this.afterSeq = afterSeq;
      this.incarnation = incarnation;
      world.trace().say(() -> name + " subscribes to " + key + " after " + afterSeq);
      subscription = connection.subscribe(key, afterSeq, incarnation, this);
    }

    /// Whether it is about this session, and nothing it was given waits to be acknowledged.
    boolean isSettled(Life current) {
      return current.equals(life) && !unacknowledged;
    }

    @Override
    public void batch(Delivery delivery) {
      if (watch != this) {
        return;
      }
      world.figures().batches++;
      for (String value : delivery.values()) {
        event(world.tree(value));
      }
      if (log != null && !Objects.equals(log.cursor(), delivery.seq())) {
        world.violation(
            "a batch up to frame " + delivery.seq() + " brought the client to " + log.cursor());
      }
      unacknowledged = true;
      acknowledgeLater();
    }

    private void event(JsonNode event) {
      String tag = event.path("_tag").asText();
      if (life == null) {
        open(event);
      } else if (tag.equals("InitialState")) {
        overtaken(life, Objects.requireNonNull(log));
      }
      Objects.requireNonNull(log).received(event);
      switch (tag) {
        case "SessionStarted" -> calls.saw(new TurnId(event.path("turnId").asText()));
        case "MessageQueued", "UserMessage" ->
            calls.saw(new MessageId(event.path("message").path("id").asText()));
        case "SessionDeleted" -> over = true;
        default -> {}
      }
    }

    /// The first event tells which session it is, and whether the cursor was honoured.
    private void open(JsonNode initial) {
      String told = initial.path("incarnation").asText();
      life =
          Objects.requireNonNull(
              world.durable().life(told), () -> "no session has the incarnation " + told);
      log = log(life);
      boolean reset = initial.path("reset").asBoolean();
      boolean known = afterSeq != null && afterSeq < FUTURE && told.equals(incarnation);
      boolean mayReset = afterSeq != null && (!known || isGone(life, afterSeq));
      if (reset ? !mayReset : afterSeq != null && !known) {
        world.violation(
            "the cursor %s of %s was answered with reset %s in %s"
                .formatted(afterSeq, incarnation, reset, told));
      }
      world.figures().resets += known && reset ? 1 : 0;
      log.subscribing(known && !reset ? afterSeq : null);
    }

    /// In the middle of a stream a state comes only to a reader whom retention has overtaken.
    private void overtaken(Life current, ClientLog told) {
      world.figures().resets++;
      if (!isGone(current, Objects.requireNonNull(told.cursor()))) {
        world.violation("a reader of " + current + " was overtaken by nothing");
      }
    }

    /// Whether the frame after this one is not kept any more.
    private boolean isGone(Life life, long cursor) {
      OptionalLong kept = world.store().keptFrom(life.sid());
      return cursor < life.state().frameSeq() && (kept.isEmpty() || kept.getAsLong() > cursor + 1);
    }

    void acknowledgeLater() {
      if (pace.isZero()) {
        acknowledge();
      } else {
        EventLoop.Timer _ = loop.schedule(workload.upTo(pace), this::acknowledge);
      }
    }

    void acknowledge() {
      if (watch == this && unacknowledged) {
        unacknowledged = false;
        subscription.acknowledge();
      }
    }

    @Override
    public void ended(@Nullable Throwable failure) {
      if (watch != this) {
        return;
      }
      watch = null;
      if (failure instanceof RefusedException refused) {
        world.figures().answered("end: " + refused.refusal().getClass().getSimpleName());
        world.trace().say(() -> name + ": its subscription ends, " + refused.refusal());
      } else if (failure != null || !over) {
        world.violation("a subscription of " + key + " ended with " + failure);
      }
    }
  }
}
