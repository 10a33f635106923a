package dev.parley.wire.turn;

import dev.parley.content.MessageId;
import dev.parley.effect.Delivery;
import dev.parley.effect.EffectRunner;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.store.page.EndedTurn;
import dev.parley.store.page.TurnPlace;
import dev.parley.store.page.TurnReader;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// The door to followed turns.
public final class TurnStreams {
  private final EffectRunner runner;
  private final TurnReader reader;

  public TurnStreams(EffectRunner runner, TurnReader reader) {
    this.runner = runner;
    this.reader = reader;
  }

  /// Makes a follower; it does nothing until it is started.
  ///
  /// @param message the message whose turn is meant: the running one, the one to come, or the
  ///   newest that is over
  /// @param turn that very turn, when it is known
  /// @param context runs what is given to it later, in order, on the thread that the listener and
  ///   the follower are called on
  public TurnFollower follow(
      SessionKey key,
      MessageId message,
      @Nullable TurnId turn,
      Executor context,
      TurnFollower.Listener listener) {
    return new TurnFollower(new Reading(runner, reader, key), message, turn, context, listener);
  }

  private record Reading(EffectRunner runner, TurnReader reader, SessionKey key)
      implements TurnSource {
    @Override
    public Multi<Delivery> subscribe() {
      return runner.subscribe(key, null, null);
    }

    @Override
    public Uni<Optional<TurnPlace>> turnOf(MessageId id) {
      return reader.turnOf(key, id);
    }

    @Override
    public Uni<EndedTurn> ended(TurnPlace turn) {
      return reader.ended(turn);
    }
  }
}
