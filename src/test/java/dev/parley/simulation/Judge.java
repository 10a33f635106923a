package dev.parley.simulation;

import dev.parley.session.SessionState;
import dev.parley.simulation.CallBook.Named;
import dev.parley.simulation.Durable.Life;
import dev.parley.store.StoredSession;
import dev.parley.testing.Checker;
import dev.parley.testing.ClientLog;
import dev.parley.testing.ClientLog.Answer;
import dev.parley.testing.Tables;
import dev.parley.testing.Tables.Stored;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// Judges a world at rest: by the checker, and by what the simulation alone can know.
final class Judge {
  private final Simulation world;

  Judge(Simulation world) {
    this.world = world;
  }

  void judge() {
    world.durable().archive().tables().forEach(this::check);
    world.durable().archive().missing(world.store()).forEach(world::violation);
    for (Life life : world.durable().lives()) {
      fold(life);
      delivered(life);
    }
    Objects.requireNonNull(world.node()).check();
  }

  /// By what clients were told of this session and what is stored of it.
  private void check(Tables tables) {
    Stored stored = tables.sessions().values().iterator().next();
    world.figures().events += stored.events().size();
    world.figures().frames += stored.frames().size();
    Life life = Objects.requireNonNull(world.durable().life(stored.incarnation()));
    // What nobody knows the outcome of may have been carried out in any session of its key.
    ClientLog doubts = new ClientLog("doubts", stored.sessionId());
    world.book().named(life.key()).stream()
        .filter(Named::isDoubtful)
        .forEach(named -> doubts.answered(new Answer.Unanswered(named.id().value())));
    List<ClientLog> logs =
        Stream.concat(
                Stream.of(doubts),
                world.clients().stream().flatMap(client -> client.logs(life).stream()))
            .toList();
    Checker.check(tables, logs).forEach(world::violation);
    new Told(stored, what -> world.violation(life + ": " + what)).check();
  }

  /// What the store holds is the state that was decided last.
  private void fold(Life life) {
    world
        .store()
        .load(life.sid())
        .map(StoredSession::state)
        .subscribe()
        .with(
            stored -> {
              boolean removed =
                  life.state() instanceof SessionState.Deleted
                      && stored instanceof SessionState.Absent;
              if (!removed && !stored.equals(life.state())) {
                world.violation("the fold of " + life + " is another state than its actor had");
              }
            },
            failure -> world.violation(life + " cannot be loaded: " + failure));
    world.clock().runUntilIdle();
  }

  /// The clients, who are at the head and have said so, count as delivered to.
  private void delivered(Life life) {
    boolean watched = life.equals(world.durable().life(life.key()));
    long delivered = world.store().delivered(life.sid());
    long head = life.state().frameSeq();
    if (watched && delivered != head) {
      world.violation(
          "%s is delivered up to %d, its clients have %d".formatted(life, delivered, head));
    }
  }
}
