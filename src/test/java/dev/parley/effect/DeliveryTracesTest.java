package dev.parley.effect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.FinishReason;
import dev.parley.content.MessageId;
import dev.parley.log.Fields;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Reply;
import dev.parley.session.TurnId;
import dev.parley.testing.Recorder;
import dev.parley.trace.Incoming;
import dev.parley.trace.MessageTrace.Part;
import dev.parley.trace.MessageTrace.Step;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Traces are told when clients are sent a turn's first words, and when they have acknowledged
/// them.
class DeliveryTracesTest {
  private static final TurnId TURN = new TurnId("traced");

  private final EffectWorld world = new EffectWorld();

  @Test
  void endWithTheFirstAcknowledgement() {
    Recorder<Delivery> client = world.slow();
    world.loop.runUntilIdle();
    saysFirst();
    client.request(1);
    world.loop.runUntilIdle();
    over();
    assertThat(world.traced).isEmpty();
    world.loop.advance(Duration.ofMillis(40));
    client.request(1);
    world.loop.runUntilIdle();
    assertThat(delivered()).containsExactly(40L);
  }

  @Test
  void endWithTheSendingWhereNobodyAcknowledges() {
    Recorder<Delivery> client = world.slow();
    world.loop.runUntilIdle();
    saysFirst();
    world.loop.advance(Duration.ofMillis(25));
    client.request(1);
    world.loop.runUntilIdle();
    over();
    world.loop.advance(Duration.ofMillis(40));
    world.traces.left(world.sid);
    assertThat(delivered()).containsExactly(25L);
  }

  @Test
  void haveNoDeliveryWhereNobodyListens() {
    saysFirst();
    over();
    world.traces.left(world.sid);
    assertThat(delivered()).isEmpty();
  }

  /// A turn of a traced message says something, and it is committed.
  private void saysFirst() {
    MessageId message = new MessageId("traced");
    long now = world.loop.nanoTime();
    world.traces.accepted(
        world.sid,
        world.key,
        new Incoming(Fields.NONE, null, now),
        new Reply.Started(message, TURN, false),
        now);
    world.traces.started(world.sid, TURN, message);
    world.said("hello");
    world.traces.firstWords(world.sid, world.head(), now);
  }

  private void over() {
    world.traces.ended(world.sid, TURN, new TurnOutcome.Completed(FinishReason.STOP));
  }

  /// How long the deliveries took that were traced, in milliseconds.
  private List<Long> delivered() {
    assertThat(world.traced).hasSize(1);
    return world.traced.getFirst().steps().stream()
        .filter(step -> step.part() == Part.DELIVER_FIRST_WORDS)
        .map(DeliveryTracesTest::millis)
        .toList();
  }

  private static long millis(Step step) {
    return Duration.ofNanos(step.endedNanos() - step.begunNanos()).toMillis();
  }
}
