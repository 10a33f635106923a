package dev.parley.actor;

import dev.parley.log.Failures;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.store.StoredSession;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// How an actor makes a session its own and learns what the store holds of it. Each way raises the
/// epoch first, so that no append from before can be applied behind what is read.
final class Ownership {
  private static final FieldLog LOG = FieldLog.of(Ownership.class);

  private final SessionKey key;
  private final long sid;
  private final World world;
  private final EventLoop loop;
  private final ActorSettings settings;

  /// What a session is after an append whose outcome is not known.
  sealed interface Found {
    /// Still this node's.
    record Ours(StoredSession stored) implements Found {}

    /// Another node has taken it.
    record Taken() implements Found {}

    /// It was deleted, and its rows are gone.
    record Gone() implements Found {}
  }

  Ownership(SessionKey key, long sid, World world, EventLoop loop, ActorSettings settings) {
    this.key = key;
    this.sid = sid;
    this.world = world;
    this.loop = loop;
    this.settings = settings;
  }

  /// Takes the session, whoever has it. Fails with `SessionNotFound` when it was deleted and its
  /// rows are gone.
  Uni<StoredSession> claim() {
    return world
        .store()
        .claim(sid, world.node())
        .flatMap(claimed -> {
          if (claimed.isEmpty()) {
            throw new RefusedException(new Refusal.SessionNotFound(key));
          }
          world.meters().claimed();
          return load(claimed.getAsLong());
        });
  }

  /// Takes the session again after an append whose outcome is not known, and asks until the store
  /// answers, with pauses that double up to a limit. Everything is called on the loop.
  ///
  /// @param wanted asked before each attempt and before `found`
  /// @param found what the store says
  /// @param failed called after each attempt that failed
  void reclaim(long epoch, BooleanSupplier wanted, Consumer<Found> found, Runnable failed) {
    reclaim(epoch, wanted, found, failed, settings.retryPauseMin());
  }

  private void reclaim(
      long epoch, BooleanSupplier wanted, Consumer<Found> found, Runnable failed, Duration pause) {
    if (!wanted.getAsBoolean()) {
      return;
    }
    world
        .store()
        .reclaim(sid, world.node(), epoch)
        .flatMap(this::found)
        .subscribe()
        .with(
            outcome ->
                loop.execute(() -> {
                  if (wanted.getAsBoolean()) {
                    found.accept(outcome);
                  }
                }),
            failure ->
                loop.execute(() -> {
                  failed.run();
                  notClaimed(pause, failure);
                  Duration next = min(pause.multipliedBy(2), settings.retryPauseMax());
                  EventLoop.Timer _ =
                      loop.schedule(pause, () -> reclaim(epoch, wanted, found, failed, next));
                }));
  }

  /// The first failure is news, those that follow it are not.
  private void notClaimed(Duration pause, Throwable failure) {
    Fields fields = Fields.ofSession(key.toString());
    String format = "The session cannot be claimed again, next attempt in %s: %s";
    if (pause.equals(settings.retryPauseMin())) {
      LOG.warnf(fields, format, pause, Failures.named(failure));
    } else {
      LOG.debugf(fields, format, pause, Failures.named(failure));
    }
  }

  private Uni<Found> found(OptionalLong claimed) {
    if (claimed.isPresent()) {
      world.meters().reclaimed();
      return load(claimed.getAsLong()).map(Found.Ours::new);
    }
    return world
        .store()
        .loadHead(sid)
        .map(head -> {
          if (head.isGone()) {
            return new Found.Gone();
          }
          world.meters().taken();
          return new Found.Taken();
        });
  }

  private Uni<StoredSession> load(long claimed) {
    return world
        .store()
        .load(sid)
        .map(loaded -> {
          if (loaded.epoch() != claimed) {
            throw new RefusedException(Refusal.unavailable());
          }
          return loaded;
        });
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
