package dev.parley.simulation;

import dev.parley.actor.HubSettings;
import dev.parley.actor.SessionHub;
import dev.parley.actor.UserLimits;
import dev.parley.agent.Agent;
import dev.parley.agent.Agents;
import dev.parley.agent.DemoAgent;
import dev.parley.effect.EffectRunner;
import dev.parley.loop.EventLoop;
import dev.parley.loop.EventLoops;
import dev.parley.retention.RetentionRunner;
import dev.parley.session.SessionDecider;
import dev.parley.session.SessionKey;
import dev.parley.store.Archive;
import dev.parley.store.CommitLane;
import dev.parley.store.CommitListener;
import dev.parley.store.EncodedFrame;
import dev.parley.store.EventStore;
import dev.parley.store.InMemoryRemoval;
import dev.parley.store.InMemoryStore;
import dev.parley.store.Journal;
import dev.parley.store.Outbox;
import dev.parley.store.PreparedAppend;
import dev.parley.store.Removal;
import dev.parley.store.SessionReader;
import dev.parley.testing.ManualEventLoop;
import dev.parley.trace.OpenTraces;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// One process: the real hub, journal and runner on loops of their own, connected to the store that
/// all share. When it dies everything in it is gone, and what it had sent may still arrive.
///
/// Every bound is small, so that it is reached.
final class SimulatedNode {
  private static final Duration POLL = Duration.ofMillis(500);

  /// Longer than a call can take that waits for no session.
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(2);

  private static final int FRAME_BYTES = 512;
  private static final int OUTPUT_BYTES = 8 * 1024;
  private static final int BUFFER = 6;
  private static final int LETTERS = 4;
  private static final int RESERVED = 2;
  private static final int RING = 12;
  private static final int BATCH = 4;

  private static final SessionDecider DECIDER =
      new SessionDecider(new SessionDecider.Limits(5, 4 * 1024, OUTPUT_BYTES), _ -> false);

  private final Simulation world;
  private final String name;
  private final List<ManualEventLoop> loops = new ArrayList<>();
  private final ManualEventLoop door;
  private final ManualEventLoop background;
  private final EventLoops sessions;
  private final List<Connection> connections = new ArrayList<>();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final Bounds bounds;
  private final OpenTraces traces;
  private final SessionReader reader;
  private final EffectRunner runner;
  private final Wakes wakes;
  private final SessionHub hub;
  private final RetentionRunner retention;
  private boolean dead;

  SimulatedNode(Simulation world, String name) {
    this.world = world;
    this.name = name;
    door = loop();
    background = loop();
    List<ManualEventLoop> some = List.of(loop(), loop());
    sessions = sid -> some.get((int) (sid % some.size()));
    bounds =
        new Bounds(
            // A letter that waits for the store has a place beside the others.
            new Bounds.Limits(BUFFER, LETTERS + RESERVED + 1, RING, BATCH), this::violation);
    traces = new OpenTraces(door::nanoTime, world::traced);
    Parts parts = world.parts();
    InMemoryStore store =
        world.store().connected(loop(), world.plan().store(() -> dead, parts.asksForOwner()));
    EventStore seen = parts.store(store);
    reader = new SessionReader(seen, store);
    runner = runner(new ReadPages(parts.outbox(store)));
    ManualEventLoop journalLoop = loop();
    wakes = new Wakes(this::tell, journalLoop, world.plan(), POLL);
    CommitListener listener = parts.listener(wakes);
    Journal journal =
        new Journal(
            journalLoop,
            watched(parts.lane(store, listener)),
            listener,
            new Journal.Settings(2, 4 * 1024, 2));
    hub = hub(seen, journal);
    retention = retention(new InMemoryRemoval(store));
  }

  private RetentionRunner retention(Removal removal) {
    return new RetentionRunner(
        removal,
        background,
        metrics,
        new RetentionRunner.Settings(
            Duration.ofMillis(300),
            world.plan().framesAge(),
            world.plan().deletedAge(),
            Duration.ofDays(35),
            2,
            20,
            3));
  }

  private EffectRunner runner(Outbox outbox) {
    return new EffectRunner(
        reader,
        outbox,
        sessions,
        background,
        metrics,
        traces,
        new EffectRunner.Settings(
            POLL,
            2,
            RING * world.parts().size(),
            4 * 1024 * world.parts().size(),
            1,
            Duration.ofSeconds(20),
            8,
            2 * 1024,
            BATCH * world.parts().size(),
            256,
            Duration.ofMillis(250)));
  }

  private SessionHub hub(EventStore store, Journal journal) {
    Agent unruly = new UnrulyAgent(loop(), bounds::said);
    return new SessionHub(
        store,
        journal,
        DECIDER,
        new Agents(Map.of("demo", hosted(new DemoAgent()), "unruly", hosted(unruly))),
        sessions,
        world.ids(),
        name,
        metrics,
        traces,
        new HubSettings(
            world.plan().activeMax(),
            LETTERS * world.parts().size(),
            RESERVED,
            5,
            6,
            1 << 20,
            Duration.ofMinutes(5),
            Duration.ofSeconds(2),
            Duration.ofMillis(50),
            Duration.ofSeconds(1),
            BUFFER * world.parts().size(),
            FRAME_BYTES,
            FRAME_BYTES,
            OUTPUT_BYTES,
            Duration.ofSeconds(3),
            2,
            Duration.ofSeconds(5)),
        new UserLimits(UserLimits.Settings.NONE, () -> 0));
  }

  private Agents.Hosted hosted(Agent agent) {
    return new Agents.Hosted(world.parts().agent(agent), world.plan().onCrash());
  }

  private ManualEventLoop loop() {
    ManualEventLoop loop = world.clock().sibling();
    loops.add(loop);
    return loop;
  }

  /// The bounds hear of it first, on the same loop.
  private void tell(long sid, List<EncodedFrame> frames) {
    long first = frames.getFirst().seq();
    long last = frames.getLast().seq();
    sessions.of(sid).execute(() -> bounds.told(sid, first, last));
    runner.committed(sid, frames);
  }

  private CommitLane watched(CommitLane lane) {
    return batch -> {
      List<SessionKey> keys = batch.stream().map(each -> Archive.key(each.append())).toList();
      keys.forEach(bounds::committing);
      return lane.commit(batch).onTermination().invoke(() -> keys.forEach(bounds::committed));
    };
  }

  void start() {
    world.trace().say(() -> name + " starts");
    runner.start();
    retention.start();
    if (world.parts().recovers()) {
      hub.start(background);
    }
  }

  /// It takes no more work and dies when what is in flight is done, or when its time is up.
  void drain(Duration patience, Runnable dying) {
    world.trace().say(() -> name + " drains");
    hub.drain()
        .subscribe()
        .with(_ -> {
          world.trace().say(() -> name + " has drained");
          runner.stop();
          retention.stop();
          List<Connection.Call<?>> asked = unanswered();
          world.after(
              ANSWERED_WITHIN,
              () -> {
                asked.forEach(Connection.Call::mustBeOver);
                dying.run();
              });
        });
    world.after(patience.plus(ANSWERED_WITHIN), dying);
  }

  /// It stands still; its clients lose it.
  void freeze() {
    world.trace().say(() -> name + " freezes");
    loops.forEach(ManualEventLoop::freeze);
    List.copyOf(connections).forEach(Connection::nodeLost);
  }

  /// It goes on as if no time had passed.
  void thaw() {
    world.trace().say(() -> name + " goes on");
    loops.forEach(ManualEventLoop::thaw);
  }

  /// Not from a task of its own.
  void kill() {
    if (!dead) {
      dead = true;
      world.trace().say(() -> name + " dies");
      loops.forEach(ManualEventLoop::kill);
      List.copyOf(connections).forEach(Connection::nodeLost);
      account();
    }
  }

  boolean isDead() {
    return dead;
  }

  String name() {
    return name;
  }

  /// Whether a session waits for the store: what nobody waits for any more is done all the same.
  boolean isWaiting() {
    return !hub.stuck(Duration.ZERO, background.nanoTime()).isEmpty();
  }

  SessionHub hub() {
    return hub;
  }

  SessionReader reader() {
    return reader;
  }

  EffectRunner runner() {
    return runner;
  }

  Bounds bounds() {
    return bounds;
  }

  EventLoop loopOf(long sid) {
    return sessions.of(sid);
  }

  /// Where what clients send comes in.
  EventLoop door() {
    return door;
  }

  void opened(Connection connection) {
    connections.add(connection);
  }

  void closed(Connection connection) {
    connections.remove(connection);
  }

  /// An append has become durable, of this node or of another.
  void durable(String by, PreparedAppend prepared) {
    if (by.equals(name)) {
      wakes.due(prepared.append().sid(), prepared.frames());
    } else {
      wakes.excuse(prepared.frames());
    }
  }

  /// A session has a new owner.
  void claimed(long sid, String by) {
    if (!by.equals(name)) {
      wakes.lose(sid);
    }
  }

  /// What must hold in a world at rest.
  void check() {
    wakes.check(world.store()::isThere, this::violation);
    unanswered().forEach(Connection.Call::mustBeOver);
    if (traces.sessions() > 0) {
      violation(traces.sessions() + " sessions at rest have open traces");
    }
    account();
  }

  private List<Connection.Call<?>> unanswered() {
    List<Connection.Call<?>> calls = new ArrayList<>();
    connections.forEach(connection -> calls.addAll(connection.unanswered()));
    return calls;
  }

  /// The sweep has found nothing but what no wake told of in time.
  private void account() {
    long rescued = (long) metrics.get("parley.effects.rescued").counter().count();
    world.figures().swept(rescued, wakes.excused());
    world.figures().framesRemoved +=
        (long) metrics.get("parley.retention.frames.removed").counter().count();
    world.figures().sessionsRemoved +=
        (long) metrics.get("parley.retention.sessions.removed").counter().count();
    if (rescued > wakes.excused()) {
      violation(
          "the sweep rescued %d frames, and only of %d nobody told"
              .formatted(rescued, wakes.excused()));
    }
  }

  private void violation(String what) {
    world.violation(name + ": " + what);
  }

  /// The outbox, with an eye on what is read.
  private final class ReadPages implements Outbox {
    private final Outbox outbox;

    ReadPages(Outbox outbox) {
      this.outbox = outbox;
    }

    @Override
    public Uni<List<EncodedFrame>> frames(long sid, long afterSeq, int framesMax, int bytesMax) {
      return outbox
          .frames(sid, afterSeq, framesMax, bytesMax)
          .invoke(page -> bounds.read(sid, page));
    }

    @Override
    public Uni<Map<Long, Long>> heads(Collection<Long> sids) {
      return outbox.heads(sids);
    }

    @Override
    public Uni<Void> delivered(Map<Long, Long> seqs) {
      return outbox.delivered(seqs);
    }
  }
}
