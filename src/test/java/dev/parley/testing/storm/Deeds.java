package dev.parley.testing.storm;

import dev.parley.testing.ClientLog.Answer;
import dev.parley.testing.Relay.Damage;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Everything that a client may do, and how often: one entry each. A call that changes something
/// gives its answer to the log, so that the checker can hold the store to it.
final class Deeds {
  private static final Duration STALL_MAX = Duration.ofSeconds(4);

  interface Deed {
    void act(StormClient client, Watch watch) throws InterruptedException;
  }

  private record Weighted(int weight, Deed deed) {}

  private static final List<Weighted> ALL =
      List.of(
          new Weighted(40, (c, w) -> c.send(w, List.of(Send.any(c.random())))),
          new Weighted(6, (c, w) -> c.send(w, List.of(Send.again(c.random())))),
          new Weighted(10, Deeds::sendAgain),
          new Weighted(5, Deeds::sendTheSameTwice),
          new Weighted(5, Deeds::sendMany),
          new Weighted(10, Deeds::interrupt),
          new Weighted(8, Deeds::dequeue),
          new Weighted(
              8,
              (c, w) -> c.call(w, "chat.getState", _ -> {}, s -> w.answered(new Answer.State(s)))),
          new Weighted(
              2,
              (c, w) ->
                  c.call(
                      w,
                      "session.update",
                      p -> p.put("title", "t" + c.random().nextInt(3)),
                      _ -> {})),
          new Weighted(2, (c, w) -> c.call(w, "session.touch", _ -> {}, _ -> {})),
          new Weighted(6, (c, w) -> w.resume(c.rpc())),
          new Weighted(4, (c, w) -> w.goBack(c.rpc(), c.random())),
          new Weighted(2, (c, w) -> w.begin(c.rpc())),
          new Weighted(2, (c, w) -> c.guest(w.sessionId()).begin(c.rpc())),
          new Weighted(2, (c, w) -> c.guest(w.sessionId()).intrude(c.rpc(), c.random())),
          new Weighted(3, Deeds::delete),
          new Weighted(3, (c, _) -> c.wire().damage(anyCut(c.random()))),
          new Weighted(1, Deeds::stall),
          new Weighted(1, (c, _) -> c.hangUp()),
          new Weighted(1, (c, _) -> c.rpc().close()),
          new Weighted(1, (c, _) -> c.scene().addSession()),
          new Weighted(2, (c, _) -> c.watch(c.scene().anySession(c.random()))));

  private static final int WEIGHT = ALL.stream().mapToInt(Weighted::weight).sum();

  private Deeds() {}

  static Deed any(Random random) {
    int left = random.nextInt(WEIGHT);
    for (Weighted weighted : ALL) {
      left -= weighted.weight();
      if (left < 0) {
        return weighted.deed();
      }
    }
    throw new AssertionError("weights do not add up");
  }

  /// What somebody sent already, on this connection or another, before the last crash or after it.
  private static void sendAgain(StormClient client, Watch watch) throws InterruptedException {
    Send earlier = client.scene().anySend(watch.sessionId(), client.random());
    if (earlier != null) {
      client.send(watch, List.of(earlier));
    }
  }

  private static void sendTheSameTwice(StormClient client, Watch watch)
      throws InterruptedException {
    Send send = Send.any(client.random());
    client.send(watch, List.of(send, send));
  }

  private static void sendMany(StormClient client, Watch watch) throws InterruptedException {
    int count = client.random().nextInt(2, 10);
    client.send(watch, Stream.generate(() -> Send.any(client.random())).limit(count).toList());
  }

  private static void interrupt(StormClient client, Watch watch) throws InterruptedException {
    @Nullable String turnId = client.random().nextBoolean() ? watch.turnId() : null;
    client.call(
        watch,
        "chat.interrupt",
        payload -> {
          if (turnId != null) {
            payload.put("turnId", turnId);
          }
          if (client.random().nextInt(4) == 0) {
            payload.put("discard", true);
          }
        },
        answer -> {
          if (answer.path("interrupted").asBoolean()) {
            watch.answered(
                new Answer.Interrupted(
                    answer.path("turnId").asText(), answer.path("seq").asLong()));
          }
        });
  }

  private static void dequeue(StormClient client, Watch watch) throws InterruptedException {
    String messageId = watch.waitingId();
    if (messageId == null) {
      return;
    }
    client.call(
        watch,
        "chat.dequeue",
        payload -> payload.put("messageId", messageId),
        answer -> {
          if (answer.path("removed").asBoolean()) {
            watch.answered(new Answer.Removed(messageId));
          }
        });
  }

  /// Somebody who watches makes it again.
  private static void delete(StormClient client, Watch watch) throws InterruptedException {
    if (watch.isFleeting()) {
      client.call(watch, "session.delete", _ -> {}, _ -> client.scene().gone(watch.sessionId()));
    }
  }

  private static Damage anyCut(Random random) {
    List<Damage> cuts =
        List.of(
            Damage.CUT_AT_REQUEST,
            Damage.CUT_IN_REQUEST,
            Damage.CUT_AT_ANSWER,
            Damage.CUT_IN_ANSWER);
    return cuts.get(random.nextInt(cuts.size()));
  }

  /// Both sides believe in the connection for a while, and nothing comes through. Sometimes the
  /// server gives it up meanwhile.
  private static void stall(StormClient client, Watch watch) throws InterruptedException {
    client.wire().damage(Damage.HOLD_ALL);
    client.scene().pause(Duration.ofNanos(client.random().nextLong(STALL_MAX.toNanos())));
    client.wire().release();
  }
}
