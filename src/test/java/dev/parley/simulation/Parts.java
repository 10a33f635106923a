package dev.parley.simulation;

import dev.parley.agent.Agent;
import dev.parley.session.ClientMessageId;
import dev.parley.store.CommitLane;
import dev.parley.store.CommitListener;
import dev.parley.store.EventStore;
import dev.parley.store.Outbox;

/// Where a test puts a broken part in the place of a real one, to see that it is found out.
interface Parts {
  Parts REAL = new Parts() {};

  /// @param listener what the journal tells of commits
  default CommitLane lane(CommitLane real, CommitListener listener) {
    return real;
  }

  default CommitListener listener(CommitListener real) {
    return real;
  }

  default EventStore store(EventStore real) {
    return real;
  }

  default Outbox outbox(Outbox real) {
    return real;
  }

  default Agent agent(Agent real) {
    return real;
  }

  /// The name under which a call reaches its session.
  default ClientMessageId name(ClientMessageId given) {
    return given;
  }

  /// How many times what it should the memory of a node may hold.
  default int size() {
    return 1;
  }

  /// Whether the store compares owners.
  default boolean asksForOwner() {
    return true;
  }

  /// Whether a node looks for sessions that were left unfinished.
  default boolean recovers() {
    return true;
  }
}
