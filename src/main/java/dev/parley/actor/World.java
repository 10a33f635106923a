package dev.parley.actor;

import dev.parley.agent.Agents;
import dev.parley.content.MessageId;
import dev.parley.loop.Ids;
import dev.parley.session.Command.NewTurn;
import dev.parley.session.SessionDecider;
import dev.parley.session.TurnId;
import dev.parley.store.EventStore;
import dev.parley.store.Journal;
import dev.parley.trace.Traces;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// What all actors of a node share.
///
/// @param closing no turn starts any more: the node is about to stop
record World(
    EventStore store,
    Journal journal,
    SessionDecider decider,
    Agents agents,
    Ids ids,
    String node,
    AtomicBoolean closing,
    ActorMeters meters,
    Traces traces) {

  /// Ids for a turn that a client wants.
  NewTurn newTurn() {
    return new NewTurn(new TurnId(ids.next()), new MessageId(ids.next()));
  }

  /// Ids for the turn that follows another, if one may.
  @Nullable NewTurn following() {
    return isClosing() ? null : newTurn();
  }

  boolean isClosing() {
    return closing.get();
  }
}
