package dev.parley.simulation;

import dev.parley.session.Command.WhenBusy;
import dev.parley.simulation.UnrulyAgent.Manner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// What clients do in one run, and how often. A new call is a line here and a method of [Caller].
final class Workload {
  private final RandomGenerator random;
  private final List<Consumer<SimulatedClient>> steps = new ArrayList<>();
  private final int pauseMs;
  private final boolean rowdy;

  Workload(RandomGenerator random) {
    this.random = random;
    pauseMs = List.of(30, 200, 800).get(random.nextInt(3));
    rowdy = random.nextBoolean();
    always(6, SimulatedClient::connect);
    always(10, SimulatedClient::subscribe);
    always(1, client -> client.calls().create());
    always(12, client -> client.calls().send());
    always(1, client -> client.calls().look());
    sometimes(1, client -> client.calls().sendMany());
    sometimes(4, client -> client.calls().again());
    sometimes(2, client -> client.calls().regenerate());
    sometimes(1, client -> client.calls().rename());
    sometimes(1, client -> client.calls().touch());
    sometimes(1, client -> client.calls().delete());
    sometimes(3, client -> client.calls().interrupt());
    sometimes(3, client -> client.calls().interruptTurn());
    sometimes(4, client -> client.calls().dequeue());
    sometimes(2, SimulatedClient::unsubscribe);
    sometimes(3, SimulatedClient::cut);
    sometimes(2, SimulatedClient::changePace);
  }

  private void always(int weight, Consumer<SimulatedClient> step) {
    for (int i = 0; i < weight; i++) {
      steps.add(step);
    }
  }

  /// Some runs are without it, and some have much of it.
  private void sometimes(int weight, Consumer<SimulatedClient> step) {
    always(weight * random.nextInt(4), step);
  }

  Consumer<SimulatedClient> step() {
    return steps.get(random.nextInt(steps.size()));
  }

  /// Until a client does the next thing.
  Duration pause() {
    return Duration.ofMillis(random.nextInt(2 * pauseMs));
  }

  /// A message to an agent of that name.
  String message(String agent) {
    int tokens = random.nextInt(12);
    return switch (agent) {
      case "unruly" -> manner().message(tokens, random.nextInt(3) * random.nextInt(60));
      default ->
          switch (random.nextInt(rowdy ? 9 : 3)) {
            case 0, 1 -> "/count " + 2 * tokens + " " + (random.nextBoolean() ? 0 : 40);
            case 2 -> "/think " + tokens;
            case 3 -> "/fail " + tokens + (random.nextBoolean() ? " retryable" : "");
            case 4 -> "/hang " + tokens;
            case 5 -> "/big " + (1 + random.nextInt(12_000));
            case 6 -> "/tool look {\"at\":[1,2]}";
            case 7 -> "/slowstart " + random.nextInt(1_000);
            default -> "hello";
          };
    };
  }

  private Manner manner() {
    Manner[] manners = Manner.values();
    return rowdy || random.nextInt(3) == 0 ? manners[random.nextInt(manners.length)] : Manner.PLAIN;
  }

  WhenBusy whenBusy() {
    WhenBusy[] forms = WhenBusy.values();
    return random.nextBoolean() ? WhenBusy.QUEUE : forms[random.nextInt(forms.length)];
  }

  boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  <T> T oneOf(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  Duration upTo(Duration most) {
    return Duration.ofNanos(random.nextLong(most.toNanos() + 1));
  }
}
