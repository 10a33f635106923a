package dev.parley.actor;

import dev.parley.session.Command;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.Reply;
import dev.parley.session.SessionState;
import dev.parley.store.SessionReader;
import dev.parley.trace.Incoming;
import io.smallrye.mutiny.subscription.UniEmitter;
import org.jspecify.annotations.Nullable;

/// A client's command and the one who waits for its answer. Answered exactly once.
///
/// @param lookedUp the store was asked what the same send was answered before
/// @param incoming how the client's message came in; absent: it is none
record Letter(
    Command command,
    UniEmitter<? super Answer> sender,
    boolean lookedUp,
    @Nullable Incoming incoming) {

  /// One that is new.
  Letter(Command command, UniEmitter<? super Answer> sender, @Nullable Incoming incoming) {
    this(command, sender, false, incoming);
  }

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
    return new Letter(command, sender, true, incoming);
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
            lookedUp,
            incoming)
        : this;
  }

  /// Whether it ends what is under way, or takes back what waits: that must work when much does.
  boolean stopsThings() {
    return command instanceof Command.Interrupt
        || command instanceof Command.Dequeue
        || command instanceof Command.Delete;
  }
}
