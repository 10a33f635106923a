package dev.parley.actor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.MessageId;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.store.InMemoryStore.CommitFault;
import dev.parley.trace.MessageTrace;
import dev.parley.trace.MessageTrace.Outcome;
import dev.parley.trace.MessageTrace.Part;
import dev.parley.trace.MessageTrace.Step;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What traces are told of messages is what was committed, at the time of the commit.
class MessageTracesTest {
  private final HubWorld world = new HubWorld();

  @Test
  void followAMessageFromItsArrivalToTheEndOfItsTurn() {
    SessionKey key = world.created("t");
    world.hold();
    long begun = world.loop.nanoTime();
    var sent = world.ask(world.send(key, "one"));
    world.loop.advance(Duration.ofMillis(30));
    world.release();
    world.loop.runUntilIdle();
    Reply.Started started = (Reply.Started) sent.reply();
    world.loop.advance(Duration.ofMillis(300));
    world.agent.last().begin();
    world.loop.runUntilIdle();
    world.loop.advance(Duration.ofMillis(500));
    world.agent.last().finish();
    world.loop.runUntilIdle();
    assertThat(world.traced).isEmpty();
    world.loop.advance(HubWorld.IDLE_AFTER);
    MessageTrace trace = only();
    assertThat(trace.key()).isEqualTo(key);
    assertThat(trace.turnId()).isEqualTo(started.turnId());
    assertThat(trace.outcome().kind()).isEqualTo(Outcome.Kind.COMPLETED);
    assertThat(parts(trace))
        .containsExactly(
            Part.DECIDE, Part.COMMIT, Part.FIRST_WORDS, Part.COMMIT_FIRST_WORDS, Part.TURN);
    assertThat(trace.incoming().nanos()).isEqualTo(begun);
    assertThat(millis(trace, Part.COMMIT)).isEqualTo(30);
    assertThat(millis(trace, Part.FIRST_WORDS)).isEqualTo(300);
    assertThat(millis(trace, Part.TURN)).isEqualTo(800);
  }

  @Test
  void sayWhenTheFirstWordsWereSaidAndWhenTheyWereCommitted() {
    SessionKey key = world.created("t");
    var _ = world.done(world.send(key, "one")).reply();
    world.loop.advance(Duration.ofMillis(300));
    world.hold();
    world.agent.last().begin();
    world.loop.runUntilIdle();
    world.loop.advance(Duration.ofMillis(40));
    world.release();
    world.loop.runUntilIdle();
    world.agent.last().finish();
    world.loop.advance(HubWorld.IDLE_AFTER);
    assertThat(millis(only(), Part.FIRST_WORDS)).isEqualTo(300);
    assertThat(millis(only(), Part.COMMIT_FIRST_WORDS)).isEqualTo(40);
  }

  @Test
  void followAMessageThroughTheQueue() {
    SessionKey key = world.created("t");
    var _ = world.started(key, "one");
    var _ = world.done(world.send(key, "two")).reply();
    MessageId third = ((Reply.Queued) world.done(world.send(key, "three")).reply()).message().id();
    world.loop.advance(Duration.ofMillis(200));
    world.agent.last().finish();
    world.loop.runUntilIdle();
    var _ = world.done(world.hub().dequeue(key, third)).reply();
    MessageTrace removed = only();
    assertThat(removed.outcome().kind()).isEqualTo(Outcome.Kind.REMOVED);
    assertThat(millis(removed, Part.WAIT)).isEqualTo(200);
    var _ = world.done(world.hub().delete(key)).reply();
    assertThat(world.traced).hasSize(3);
    MessageTrace second = world.traced.getLast();
    assertThat(second.outcome().kind()).isEqualTo(Outcome.Kind.INTERRUPTED);
    assertThat(millis(second, Part.WAIT)).isEqualTo(200);
  }

  @Test
  void followARegeneration() {
    SessionKey key = world.created("t");
    var _ = world.started(key, "one");
    world.agent.last().finish();
    world.loop.runUntilIdle();
    var _ = world.done(world.hub().regenerate(key, null, null, null, world.incoming())).reply();
    world.agent.last().finish();
    world.loop.advance(HubWorld.IDLE_AFTER);
    assertThat(world.traced).hasSize(2);
  }

  @Test
  void tellOfACommitWhoseAnswerWasLostOnce() {
    SessionKey key = world.created("t");
    world.faults.commits.add(CommitFault.LOST_AFTER);
    var _ = world.ask(world.send(key, "one", "c"));
    world.loop.advance(Duration.ofSeconds(20));
    assertThat(only().outcome()).isEqualTo(new Outcome(Outcome.Kind.FAILED, "UNAVAILABLE"));
    assertThat(parts(only())).contains(Part.TURN);
  }

  @Test
  void tellOfAMessageThatIsRefused() {
    SessionKey key = world.created("t");
    var _ = world.started(key, "one");
    assertThat(
            world
                .done(world.hub().send(key, "two", null, null, WhenBusy.REJECT, world.incoming()))
                .refusal())
        .isNotNull();
    assertThat(only().outcome()).isEqualTo(new Outcome(Outcome.Kind.REFUSED, "SESSION_BUSY"));
  }

  @Test
  void areNotBegunForWhatNobodySent() {
    SessionKey key = world.created("t");
    var _ = world.done(world.hub().send(key, "one", null, null, WhenBusy.QUEUE, null)).reply();
    world.agent.last().finish();
    world.loop.advance(HubWorld.IDLE_AFTER);
    assertThat(world.traced).isEmpty();
  }

  private MessageTrace only() {
    assertThat(world.traced).hasSize(1);
    return world.traced.getFirst();
  }

  private static List<Part> parts(MessageTrace trace) {
    return trace.steps().stream().map(Step::part).toList();
  }

  private static long millis(MessageTrace trace, Part part) {
    Step step = trace.steps().stream().filter(s -> s.part() == part).findFirst().orElseThrow();
    return Duration.ofNanos(step.endedNanos() - step.begunNanos()).toMillis();
  }
}
