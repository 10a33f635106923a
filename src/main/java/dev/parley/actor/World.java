package dev.parley.actor;

import dev.parley.agent.Agents;
import dev.parley.content.MessageId;
import dev.parley.loop.Ids;
import dev.parley.session.Command.NewTurn;
import dev.parley.session.SessionDecider;
import dev.parley.session.TurnId;
import dev.parley.store.EventStore;
import dev.parley.store.Journal;

/// What all actors of a node share.
record World(
    EventStore store,
    Journal journal,
    SessionDecider decider,
    Agents agents,
    Ids ids,
    String node) {

  NewTurn newTurn() {
    return new NewTurn(new TurnId(ids.next()), new MessageId(ids.next()));
  }
}
