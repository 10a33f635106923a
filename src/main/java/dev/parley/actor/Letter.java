package dev.parley.actor;

import dev.parley.session.Command;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.Reply;
import dev.parley.session.SessionState;
import dev.parley.store.SessionReader;
import io.smallrye.mutiny.subscription.UniEmitter;

/// A client's command and the one who waits for its answer. Answered exactly once.
///
/// @param lookedUp the store was asked what the same send was answered before
record Letter(Command command, UniEmitter<? super Answer> sender, boolean lookedUp) {

  /// @param state the committed state that the reply belongs to
  record Answer(Reply reply, SessionState state) {}

  void answer(Reply reply, SessionState state) {
    sender.complete(new Answer(reply, state));
  }

  void refuse(Refusal refusal) {
    sender.fail(new RefusedException(refusal));
  }

  /// What callers are told of a failure.
  static Refusal refusal(Throwable failure) {
    return SessionReader.refused(failure) instanceof RefusedException refused
        ? refused.refusal()
        : Refusal.unavailable();
  }

  Letter afterLookUp(Command command) {
    return new Letter(command, sender, true);
  }

  /// Whether it is there to start a turn, or to have one start later.
  boolean startsTurns() {
    return command instanceof Command.Send || command instanceof Command.Regenerate;
  }

  boolean isNodeStops() {
    return command instanceof Command.NodeStops;
  }

  /// The same for a node on which no turn starts any more.
  Letter startingNone() {
    return command instanceof Command.Interrupt interrupt
        ? new Letter(
            new Command.Interrupt(interrupt.turnId(), interrupt.discard(), null, interrupt.at()),
            sender,
            lookedUp)
        : this;
  }

  /// Whether it ends what is under way, or takes back what waits: that must work when much does.
  boolean stopsThings() {
    return command instanceof Command.Interrupt
        || command instanceof Command.Dequeue
        || command instanceof Command.Delete;
  }
}
