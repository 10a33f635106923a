package dev.parley.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.loop.EventLoop;
import dev.parley.loop.Ids;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.simulation.Durable.Life;
import dev.parley.simulation.FaultPlan.Planned;
import dev.parley.store.InMemoryStore;
import dev.parley.store.PreparedAppend;
import dev.parley.testing.CountedIds;
import dev.parley.testing.ManualEventLoop;
import dev.parley.trace.MessageTrace;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// One run: a store, one node after the other, clients, and everything that can happen to them, all
/// drawn from a seed. Things go wrong for a while; then nothing does any more, and the world must
/// come to rest with every rule kept.
final class Simulation {
  /// Far longer than all turns that may wait take, one after the other.
  private static final Duration REST_MAX = Duration.ofMinutes(10);

  /// How long a node does not notice that another has taken its place.
  private static final Duration ZOMBIE = Duration.ofMillis(700);

  private static final Duration STEP = Duration.ofMillis(100);

  /// Long enough for what is still under way at rest to show.
  private static final Duration QUIET = Duration.ofSeconds(3);

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Parts parts;
  private final Figures figures;
  private final ManualEventLoop chaos;
  private final Trace trace;
  private final FaultPlan plan;
  private final Durable durable;
  private final InMemoryStore store;
  private final CallBook book = new CallBook(this::violation);
  private final Ids ids = new CountedIds();
  private final List<String> violations = new ArrayList<>();
  private final Set<TurnId> traced = new HashSet<>();
  private final List<SessionKey> keys = new ArrayList<>();
  private final List<SimulatedClient> clients = new ArrayList<>();
  private final Map<String, JsonNode> trees = new HashMap<>();
  private final List<SimulatedNode> alive = new ArrayList<>();
  private @Nullable SimulatedNode node;
  private int nodes;
  private @Nullable Throwable failure;

  /// @param figures counted on
  /// @param traced whether it tells what happens
  Simulation(long seed, Parts parts, Figures figures, boolean traced) {
    this.parts = parts;
    this.figures = figures;
    SplittableRandom random = new SplittableRandom(seed);
    chaos = ManualEventLoop.seeded(random.nextLong());
    trace = new Trace(traced, chaos);
    plan = new FaultPlan(random.split(), figures);
    durable = new Durable(this::violation, this::claimed, this::durable);
    store = new InMemoryStore(chaos.sibling(), InMemoryStore.Faults.NONE, durable);
    Workload workload = new Workload(random.split());
    int sessions = 1 + random.nextInt(3);
    for (int i = 0; i < sessions; i++) {
      SessionKey key = new SessionKey("ann", random.nextBoolean() ? "demo" : "unruly", "t" + i);
      keys.add(key);
      for (int c = 0; c <= random.nextInt(4); c++) {
        clients.add(new SimulatedClient(this, "client-" + (clients.size() + 1), key, workload));
      }
    }
  }

  /// Runs it to its end.
  ///
  /// @return what was violated; empty when all is well
  List<String> run() {
    Instant begin = chaos.now();
    try {
      storm();
      if (comesToRest()) {
        new Judge(this).judge();
      }
    } catch (AssertionError failed) {
      failure = failed;
      violation("something failed: " + failed + ", " + failed.getCause());
    }
    figures.seeds++;
    figures.violations += violations.size();
    figures.commits += durable.commits();
    figures.nodes += nodes;
    figures.virtualTime = figures.virtualTime.plus(Duration.between(begin, chaos.now()));
    return List.copyOf(violations);
  }

  private void storm() {
    startNode();
    plan.blows().forEach(blow -> after(blow.after(), () -> strike(blow)));
    clients.forEach(SimulatedClient::start);
    chaos.advance(plan.storm());
    trace.say(() -> "it calms down");
    plan.calmDown();
  }

  /// Runs until nothing is left to be done, and a little longer.
  private boolean comesToRest() {
    Instant latest = chaos.now().plus(REST_MAX);
    while (!isAtRest()) {
      chaos.advance(STEP);
      if (chaos.now().isAfter(latest)) {
        violation(
            "the world does not come to rest, unfinished are "
                + durable.lives().stream().filter(Life::isUnfinished).toList());
        clients.stream().filter(c -> !c.isDone()).forEach(c -> violation(c.toString()));
        return false;
      }
    }
    trace.say(() -> "it is at rest");
    long commits = durable.commits();
    chaos.advance(QUIET);
    if (durable.commits() != commits) {
      violation("something was committed in a world at rest");
    }
    if (!isAtRest()) {
      violation("the world does not stay at rest");
    }
    return true;
  }

  private boolean isAtRest() {
    return alive.size() == 1
        && node != null
        && !node.isWaiting()
        && durable.lives().stream().noneMatch(Life::isUnfinished)
        && clients.stream().allMatch(SimulatedClient::isDone);
  }

  private void strike(Planned planned) {
    figures.count(planned.blow());
    SimulatedNode struck = node;
    switch (planned.blow()) {
      case OUTAGE -> {
        trace.say(() -> "the store is away");
        plan.storeAway(true);
        after(planned.pause(), () -> plan.storeAway(false));
      }
      case CRASH -> {
        if (struck != null) {
          die(struck, planned.pause());
        }
      }
      case RESTART -> {
        if (struck != null) {
          node = null;
          struck.drain(planned.pause(), () -> die(struck, Duration.ofMillis(1)));
        }
      }
      case FREEZE -> {
        if (struck != null) {
          node = null;
          struck.freeze();
          after(planned.pause(), this::startNode);
          after(planned.pause().multipliedBy(2), struck::thaw);
          after(planned.pause().multipliedBy(2).plus(ZOMBIE), () -> bury(struck));
        }
      }
    }
  }

  private void die(SimulatedNode dying, Duration downtime) {
    if (!dying.isDead()) {
      node = null;
      bury(dying);
      after(downtime, this::startNode);
    }
  }

  private void bury(SimulatedNode dead) {
    alive.remove(dead);
    dead.kill();
  }

  private void startNode() {
    SimulatedNode started = new SimulatedNode(this, "node-" + ++nodes);
    node = started;
    alive.add(started);
    started.start();
  }

  private void claimed(long sid, String by) {
    alive.forEach(each -> each.claimed(sid, by));
  }

  private void durable(String by, PreparedAppend prepared) {
    trace.say(() ->
        "%s committed %d events and %d frames of session %d"
            .formatted(
                by,
                prepared.append().events().size(),
                prepared.frames().size(),
                prepared.append().sid()));
    alive.forEach(each -> each.durable(by, prepared));
    SimulatedNode current = node;
    if (current != null && by.equals(current.name()) && plan.crashesNow()) {
      figures.count(FaultPlan.Blow.CRASH);
      die(current, plan.downtime());
    }
  }

  /// Something happens to the world itself.
  void after(Duration delay, Runnable task) {
    EventLoop.Timer _ = chaos.schedule(delay, task);
  }

  /// A trace of a message is over.
  void traced(MessageTrace message) {
    figures.traces++;
    if (message.turnId() != null && !traced.add(message.turnId())) {
      violation("turn " + message.turnId() + " is traced twice");
    }
    for (MessageTrace.Step step : message.steps()) {
      if (step.endedNanos() - step.begunNanos() < 0) {
        violation("a step of a trace ends before it begins: " + step);
      }
    }
  }

  void violation(String what) {
    trace.say(() -> "VIOLATION: " + what);
    violations.add(what);
  }

  /// What was thrown, when something was.
  @Nullable Throwable failure() {
    return failure;
  }

  /// A JSON text that clients are sent, read once for all of them.
  JsonNode tree(String json) {
    return trees.computeIfAbsent(
        json,
        text -> {
          try {
            return MAPPER.readTree(text);
          } catch (JsonProcessingException e) {
            throw new AssertionError("a client was sent what is no JSON", e);
          }
        });
  }

  /// The node that clients reach; none while it is down or goes.
  @Nullable SimulatedNode node() {
    return node;
  }

  Parts parts() {
    return parts;
  }

  Figures figures() {
    return figures;
  }

  ManualEventLoop clock() {
    return chaos;
  }

  Trace trace() {
    return trace;
  }

  FaultPlan plan() {
    return plan;
  }

  Durable durable() {
    return durable;
  }

  InMemoryStore store() {
    return store;
  }

  CallBook book() {
    return book;
  }

  Ids ids() {
    return ids;
  }

  List<SessionKey> keys() {
    return keys;
  }

  List<SimulatedClient> clients() {
    return clients;
  }
}
