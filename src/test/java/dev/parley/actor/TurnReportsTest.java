package dev.parley.actor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.agent.AgentFailure;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.store.InMemoryStore.CommitFault;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What operators are told of turns is what was committed.
class TurnReportsTest {
  private final HubWorld world = new HubWorld();

  @Test
  void countsATurnOnceItIsDurableWhateverBecomesOfIt() {
    SessionKey key = world.created("t");
    var _ = world.started(key, "one");
    assertThat(count("parley.turns.started")).isEqualTo(1);
    world.agent.last().finish();
    world.loop.runUntilIdle();
    assertThat(ended("completed")).isEqualTo(1);

    var _ = world.started(key, "two");
    Reply.Interrupted stopped =
        (Reply.Interrupted) world.done(world.hub().interrupt(key, null, false)).reply();
    assertThat(stopped.turnId()).isNotNull();
    assertThat(ended("interrupted")).isEqualTo(1);
    assertThat(count("parley.turns.cancelled")).isEqualTo(1);

    var _ = world.started(key, "three");
    world.agent.last().fail(new AgentFailure("no", true));
    world.loop.runUntilIdle();
    assertThat(ended("error")).isEqualTo(1);
    assertThat(count("parley.turns.started")).isEqualTo(3);
  }

  @Test
  void measuresTheFirstWordsOfATurnAndNoOthers() {
    SessionKey key = world.created("t");
    var _ = world.done(world.send(key, "one")).reply();
    world.loop.advance(Duration.ofMillis(300));
    world.agent.last().begin();
    world.loop.runUntilIdle();
    world.loop.advance(Duration.ofMillis(500));
    world.agent.last().text("more");
    world.loop.runUntilIdle();
    var first = world.metrics.get("parley.turns.first.token").timer();
    assertThat(first.count()).isEqualTo(1);
    assertThat(first.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(300);
  }

  @Test
  void countsTheMessagesThatWait() {
    SessionKey key = world.created("t");
    var _ = world.started(key, "one");
    var _ = world.done(world.send(key, "two")).reply();
    var _ = world.done(world.send(key, "three")).reply();
    assertThat(waiting()).isEqualTo(2);
    assertThat(count("parley.turns.queued")).isEqualTo(2);
    world.agent.last().finish();
    world.loop.runUntilIdle();
    assertThat(waiting()).isEqualTo(1);
    var _ = world.done(world.hub().delete(key)).reply();
    assertThat(waiting()).isZero();
  }

  @Test
  void tellsOfACommitWhoseAnswerWasLostOnce() {
    SessionKey key = world.created("t");
    world.faults.commits.add(CommitFault.LOST_AFTER);
    var _ = world.ask(world.send(key, "one", "c"));
    world.loop.advance(Duration.ofSeconds(20));
    assertThat(count("parley.turns.started")).isEqualTo(1);
    assertThat(ended("error")).isEqualTo(1);
    assertThat(ownership("reclaimed")).isEqualTo(1);
  }

  @Test
  void findsASessionThatWaitsTooLongForOneAnswer() {
    SessionKey key = world.created("t");
    Duration limit = Duration.ofSeconds(60);
    world.hold();
    var _ = world.ask(world.send(key, "one"));
    world.loop.advance(limit);
    assertThat(world.hub().stuck(limit, world.loop.nanoTime())).isEmpty();
    world.loop.advance(Duration.ofSeconds(1));
    assertThat(world.hub().stuck(limit, world.loop.nanoTime()))
        .containsExactly(new SessionHub.Stuck(key, Duration.ofSeconds(61)));
    world.release();
    assertThat(world.hub().stuck(limit, world.loop.nanoTime())).isEmpty();
  }

  @Test
  void findsASessionThatWaitsTooLongToLearnTheTruth() {
    SessionKey key = world.created("t");
    Duration limit = Duration.ofSeconds(60);
    world.faults.away = true;
    var _ = world.ask(world.send(key, "one"));
    world.loop.advance(Duration.ofMinutes(10));
    world.faults.away = false;
    world.faults.delay = Duration.ofMinutes(5);
    world.loop.advance(Duration.ofSeconds(59));
    assertThat(world.hub().stuck(limit, world.loop.nanoTime())).isEmpty();
    world.loop.advance(Duration.ofSeconds(30));
    assertThat(world.hub().stuck(limit, world.loop.nanoTime()))
        .extracting(SessionHub.Stuck::key)
        .containsExactly(key);
    world.faults.delay = Duration.ZERO;
    world.loop.advance(Duration.ofMinutes(10));
    assertThat(world.hub().stuck(limit, world.loop.nanoTime())).isEmpty();
  }

  @Test
  void doesNotTakeALostStoreForAStuckSession() {
    SessionKey key = world.created("t");
    world.faults.away = true;
    var _ = world.ask(world.send(key, "one"));
    world.loop.advance(Duration.ofMinutes(10));
    assertThat(world.hub().stuck(Duration.ofSeconds(60), world.loop.nanoTime())).isEmpty();
  }

  private double count(String name) {
    return world.metrics.get(name).counter().count();
  }

  private double ended(String outcome) {
    return world.metrics.get("parley.turns.ended").tag("outcome", outcome).counter().count();
  }

  private double ownership(String change) {
    return world.metrics.get("parley.ownership.changes").tag("change", change).counter().count();
  }

  private double waiting() {
    return world.metrics.get("parley.turns.waiting").gauge().value();
  }
}
