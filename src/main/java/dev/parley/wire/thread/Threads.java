package dev.parley.wire.thread;

import dev.parley.actor.SessionHub;
import dev.parley.content.MessageId;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.RefusedException;
import dev.parley.session.Reply;
import dev.parley.session.SendReceipt;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.store.SessionReader;
import dev.parley.store.page.TurnReader;
import dev.parley.trace.Incoming;
import dev.parley.wire.turn.TurnFollower;
import dev.parley.wire.turn.TurnStreams;
import io.smallrye.mutiny.Uni;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// What clients of the thread protocol do with sessions. Fails with [RefusedException] for
/// everything that is expected to go wrong.
public final class Threads {
  private final SessionHub hub;
  private final SessionReader reader;
  private final TurnReader turns;
  private final TurnStreams streams;

  public Threads(SessionHub hub, SessionReader reader, TurnReader turns, TurnStreams streams) {
    this.hub = hub;
    this.reader = reader;
    this.turns = turns;
    this.streams = streams;
  }

  /// Done when there is such a session.
  ///
  /// @param create makes one when there is none
  Uni<Void> find(SessionKey key, boolean create) {
    Uni<Void> found = reader.info(key).replaceWithVoid();
    return create
        ? found.onFailure(RefusedException::isSessionNotFound).recoverWithUni(() -> hub.ensure(key))
        : found;
  }

  Uni<Reply> send(SessionKey key, ThreadFrame.Message message, Incoming incoming) {
    return hub.send(key, message.content(), null, message.requestId(), WhenBusy.QUEUE, incoming);
  }

  /// What the message of that name was answered.
  Uni<Optional<SendReceipt>> receipt(SessionKey key, ClientMessageId requestId) {
    return reader.receipt(key, requestId);
  }

  TurnFollower follow(
      SessionKey key,
      MessageId message,
      @Nullable TurnId turn,
      Executor context,
      TurnFollower.Listener listener) {
    return streams.follow(key, message, turn, context, listener);
  }

  /// Takes the message out of the queue, or stops its turn and discards what was said. A turn that
  /// is over is left alone.
  ///
  /// @return whether there was anything to stop
  Uni<Boolean> stop(SessionKey key, MessageId message) {
    return hub.dequeue(key, message)
        .flatMap(reply ->
            reply instanceof Reply.Dequeued(var removed) && removed
                ? Uni.createFrom().item(true)
                : turns
                    .turnOf(key, message)
                    .flatMap(turn ->
                        turn.isPresent() && turn.get().isRunning()
                            ? interrupt(key, turn.get().id())
                            : Uni.createFrom().item(false)));
  }

  private Uni<Boolean> interrupt(SessionKey key, TurnId turn) {
    return hub.interrupt(key, turn, true)
        .map(reply -> reply instanceof Reply.Interrupted(var stopped, var _) && stopped != null);
  }
}
