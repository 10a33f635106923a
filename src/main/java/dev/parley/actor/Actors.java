package dev.parley.actor;

import dev.parley.actor.Letter.Answer;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.loop.EventLoops;
import dev.parley.session.Command;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.store.EventStore.Unfinished;
import dev.parley.trace.Incoming;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The actors of this node: found by their sessions' keys, made when somebody needs them, at most
/// so many at a time, and forgotten when they are gone. Used from any thread; an actor is touched
/// on its session's loop only.
final class Actors {
  private static final FieldLog LOG = FieldLog.of(Actors.class);

  private final World world;
  private final EventLoops loops;
  private final int activeMax;
  private final Duration idleAfter;
  private final ActorSettings settings;

  /// Each entry is touched on its session's loop only.
  private final Map<Long, SessionActor> actors = new ConcurrentHashMap<>();

  private final Map<SessionKey, Long> sids = new ConcurrentHashMap<>();

  /// Numbers that the store is being asked for.
  private final Map<SessionKey, Uni<Long>> lookUps = new ConcurrentHashMap<>();

  private final AtomicInteger active = new AtomicInteger();
  private volatile boolean draining;

  /// @param activeMax sessions that may be active at once
  /// @param idleAfter when a place may be free again
  Actors(World world, EventLoops loops, int activeMax, Duration idleAfter, ActorSettings settings) {
    this.world = world;
    this.loops = loops;
    this.activeMax = activeMax;
    this.idleAfter = idleAfter;
    this.settings = settings;
  }

  /// From now on no turn starts.
  ///
  /// @return done when none runs any more and no call waits
  Uni<Void> close() {
    world.closing().set(true);
    return everyActor(
        actor -> Uni.createFrom().emitter(done -> actor.onRest(() -> done.complete(null))));
  }

  /// Ends the turns that run.
  ///
  /// @return done when their ends are committed, or cannot be
  Uni<Void> stopTurns() {
    return everyActor(actor ->
        Uni.createFrom()
            .<Answer>emitter(sender ->
                actor.stopTurn(
                    new Letter(new Command.NodeStops(loops.of(actor.sid()).now()), sender, null)))
            .onItemOrFailure()
            .transformToUni((_, _) -> Uni.createFrom().voidItem()));
  }

  /// The sessions that are active at the moment.
  List<SessionKey> keys() {
    return List.copyOf(sids.keySet());
  }

  /// Those that have waited for one answer for longer than `limit`. From any thread.
  List<SessionHub.Stuck> stuck(Duration limit, long nanos) {
    return actors.values().stream()
        .map(actor -> new SessionHub.Stuck(actor.key(), actor.pace.waited(nanos)))
        .filter(waits -> waits.since().compareTo(limit) > 0)
        .toList();
  }

  /// Refuses what comes from now on with `DRAINING`, and is done when all actors are gone.
  Uni<Void> drain() {
    world.closing().set(true);
    draining = true;
    return everyActor(actor ->
        Uni.createFrom()
            .emitter(done -> {
              actor.onGone(() -> done.complete(null));
              actor.drain();
            }));
  }

  /// Done when what is asked of each actor, on its loop, is done.
  private Uni<Void> everyActor(Function<SessionActor, Uni<Void>> asked) {
    List<Uni<Void>> all =
        actors.values().stream()
            .map(actor ->
                Uni.createFrom()
                    .<Void>emitter(done ->
                        loops
                            .of(actor.sid())
                            .execute(() ->
                                asked
                                    .apply(actor)
                                    .subscribe()
                                    .with(_ -> done.complete(null), done::fail))))
            .toList();
    return all.isEmpty()
        ? Uni.createFrom().voidItem()
        : Uni.join().all(all).andFailFast().replaceWithVoid();
  }

  /// Takes up a session with work left over, unless it is active already or there is no place.
  Uni<Void> wake(Unfinished unfinished) {
    return Uni.createFrom()
        .emitter(settled ->
            loops
                .of(unfinished.sid())
                .execute(() -> {
                  boolean full = active.get() >= activeMax;
                  if (world.isClosing() || full || actors.containsKey(unfinished.sid())) {
                    settled.complete(null);
                  } else {
                    LOG.infof(
                        Fields.ofSession(unfinished.key().toString()),
                        "The session was left unfinished");
                    SessionActor _ =
                        actor(unfinished.key(), unfinished.sid(), () -> settled.complete(null));
                  }
                }));
  }

  /// Hands a command to the session's actor.
  ///
  /// @param command made on the session's loop, in the order of the calls
  /// @param incoming how the client's message came in; absent: it is none
  Uni<Answer> tell(
      SessionKey key, long sid, Supplier<Command> command, @Nullable Incoming incoming) {
    EventLoop loop = loops.of(sid);
    return Uni.createFrom()
        .emitter(sender ->
            loop.execute(() -> {
              Letter letter = new Letter(command.get(), sender, incoming);
              if (draining || (world.isClosing() && !actors.containsKey(sid))) {
                letter.refuse(Refusal.draining());
              } else if (!actors.containsKey(sid) && active.get() >= activeMax) {
                letter.refuse(
                    new Refusal.LimitExceeded(
                        "activeSessions",
                        "This node has " + activeMax + " active sessions.",
                        idleAfter.toMillis()));
              } else {
                actor(key, sid, () -> {}).receive(letter);
              }
            }));
  }

  /// The session's actor; on its loop.
  private SessionActor actor(SessionKey key, long sid, Runnable settled) {
    SessionActor present = actors.get(sid);
    if (present != null) {
      return present;
    }
    SessionActor actor = new SessionActor(key, sid, world, loops.of(sid), settings, this::gone);
    actors.put(sid, actor);
    // Numbers rise: whoever looked long ago must not bring back a deleted one.
    sids.merge(key, sid, Math::max);
    active.incrementAndGet();
    actor.activate(settled);
    return actor;
  }

  private void gone(SessionActor actor) {
    if (actors.remove(actor.sid(), actor)) {
      sids.remove(actor.key(), actor.sid());
      active.decrementAndGet();
    }
  }

  /// The session's number.
  ///
  /// @return fails with `SessionNotFound`
  Uni<Long> sid(SessionKey key) {
    Long known = sids.get(key);
    if (known != null) {
      return Uni.createFrom().item(known);
    }
    // Not before somebody subscribes: a look-up that is never begun never ends.
    return Uni.createFrom().deferred(() -> lookUps.computeIfAbsent(key, this::lookUp));
  }

  /// Whoever asks while the store is asked gets the same answer, and those that ask first get it
  /// first: calls that came in order reach the session in order.
  private Uni<Long> lookUp(SessionKey key) {
    AtomicReference<Uni<Long>> self = new AtomicReference<>();
    Uni<Long> asked =
        world
            .store()
            .find(key)
            .map(sid ->
                sid.orElseThrow(() -> new RefusedException(new Refusal.SessionNotFound(key))))
            .onTermination()
            .invoke(() -> lookUps.remove(key, self.get()))
            .memoize()
            .indefinitely();
    self.set(asked);
    return asked;
  }
}
