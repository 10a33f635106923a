package dev.parley.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.ManualEventLoop;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// The order of a stop, and that nothing in it waits for longer than it may (requirement N4).
class StopSequenceTest {
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final Duration TURNS = Duration.ofSeconds(4);
  private static final Duration COMMITS = Duration.ofSeconds(5);
  private static final Duration DELIVERY = Duration.ofSeconds(3);
  private static final Duration WHOLE = Duration.ofSeconds(15);

  private final ManualEventLoop loop = new ManualEventLoop();
  private final Node node = new Node();
  private final StopSequence sequence = sequence(WHOLE);

  /// A node whose every part ends when the test says so.
  private static final class Node implements StopSequence.Node {
    final List<String> done = new ArrayList<>();
    final CompletableFuture<Void> turns = new CompletableFuture<>();
    final CompletableFuture<Void> commits = new CompletableFuture<>();
    final CompletableFuture<Void> effects = new CompletableFuture<>();
    final CompletableFuture<Void> deliveries = new CompletableFuture<>();
    int open = 1;

    private Uni<Void> step(String name, CompletableFuture<Void> end) {
      return Uni.createFrom()
          .deferred(() -> {
            done.add(name);
            return Uni.createFrom().completionStage(end);
          });
    }

    @Override
    public Uni<Void> close() {
      return step("close", turns);
    }

    @Override
    public Uni<Void> stopTurns() {
      return step("stop turns", commits);
    }

    @Override
    public Uni<Void> stopEffects() {
      return step("stop effects", effects);
    }

    @Override
    public Uni<Void> finishDeliveries() {
      return step("finish deliveries", deliveries);
    }

    @Override
    public void endDeliveries() {
      done.add("end deliveries");
    }

    @Override
    public void leaveConnections() {
      done.add("leave");
    }

    @Override
    public int openConnections() {
      return open;
    }

    @Override
    public void endConnections() {
      done.add("end connections");
    }

    void endAll() {
      List.of(turns, commits, effects, deliveries).forEach(end -> end.complete(null));
      open = 0;
    }
  }

  @Test
  void goesOnAsBeforeForThePause() {
    CompletableFuture<Void> stopped = stop();
    assertThat(sequence.isBegun()).isTrue();
    loop.advance(PAUSE.minusMillis(1));
    assertThat(node.done).isEmpty();
    loop.advance(Duration.ofMillis(1));
    assertThat(node.done).containsExactly("stop effects", "close");
    assertThat(stopped).isNotDone();
  }

  @Test
  void doesOneAfterTheOther() {
    node.endAll();
    CompletableFuture<Void> stopped = stop();
    loop.advance(PAUSE);
    assertThat(stopped).isCompleted();
    assertThat(node.done)
        .containsExactly(
            "stop effects",
            "close",
            "stop turns",
            "finish deliveries",
            "end deliveries",
            "leave",
            "end connections");
  }

  @Test
  void waitsForConnectionsThatEndOneByOne() {
    node.endAll();
    node.open = 2;
    CompletableFuture<Void> stopped = stop();
    loop.advance(PAUSE.plusSeconds(1));
    node.open = 1;
    loop.advance(Duration.ofSeconds(1));
    assertThat(stopped).isNotDone();
    node.open = 0;
    loop.advance(Duration.ofMillis(10));
    assertThat(stopped).isCompleted();
  }

  @Test
  void givesUpWhatDoesNotEndAfterItsTime() {
    CompletableFuture<Void> stopped = stop();
    loop.advance(PAUSE.plus(TURNS));
    assertThat(node.done).endsWith("stop turns");
    loop.advance(COMMITS);
    // the effects have had their time beside the turns: what is left of the whole is theirs
    loop.advance(WHOLE.minus(PAUSE).minus(TURNS).minus(COMMITS));
    assertThat(stopped).isCompleted();
    assertThat(node.done).endsWith("end deliveries", "leave", "end connections");
  }

  @Test
  void takesNoLongerThanAllOfItMay() {
    StopSequence brief = sequence(PAUSE.plusSeconds(1));
    CompletableFuture<Void> stopped = run(brief);
    node.commits.complete(null);
    loop.advance(PAUSE.plusSeconds(1));
    assertThat(stopped).isCompleted();
  }

  @Test
  void waitsForNothingButTheLastCommitsOnceItIsHurried() {
    CompletableFuture<Void> stopped = stop();
    loop.advance(Duration.ofMillis(10));
    sequence.hurry();
    loop.advance(Duration.ofMillis(1));
    assertThat(node.done).endsWith("stop turns");
    assertThat(stopped).isNotDone();
    node.commits.complete(null);
    loop.advance(Duration.ofMillis(1));
    assertThat(stopped).isCompleted();
    assertThat(node.done).endsWith("end connections");
  }

  @Test
  void goesOnWithoutWhatFails() {
    node.endAll();
    node.open = 0;
    CompletableFuture<Void> stopped =
        run(
            new StopSequence(
                new StopSequence.Node() {
                  @Override
                  public Uni<Void> close() {
                    return Uni.createFrom().failure(new IllegalStateException("close"));
                  }

                  @Override
                  public Uni<Void> stopTurns() {
                    return Uni.createFrom().failure(new IllegalStateException("turns"));
                  }

                  @Override
                  public Uni<Void> stopEffects() {
                    return Uni.createFrom().failure(new IllegalStateException("effects"));
                  }

                  @Override
                  public Uni<Void> finishDeliveries() {
                    return Uni.createFrom().failure(new IllegalStateException("deliveries"));
                  }

                  @Override
                  public void endDeliveries() {
                    node.endDeliveries();
                  }

                  @Override
                  public void leaveConnections() {
                    node.leaveConnections();
                  }

                  @Override
                  public int openConnections() {
                    return 0;
                  }

                  @Override
                  public void endConnections() {
                    node.endConnections();
                  }
                },
                loop,
                limits(WHOLE)));
    loop.advance(PAUSE);
    assertThat(stopped).isCompleted();
    assertThat(node.done).containsExactly("end deliveries", "leave", "end connections");
  }

  @Test
  void isDoneOnce() {
    node.endAll();
    CompletableFuture<Void> first = stop();
    CompletableFuture<Void> second = stop();
    loop.advance(PAUSE);
    assertThat(first).isCompleted();
    assertThat(second).isCompleted();
    assertThat(node.done).containsOnlyOnce("close", "leave");
  }

  private StopSequence sequence(Duration whole) {
    return new StopSequence(node, loop, limits(whole));
  }

  private static StopSequence.Limits limits(Duration whole) {
    return new StopSequence.Limits(PAUSE, TURNS, COMMITS, DELIVERY, WHOLE, whole);
  }

  private CompletableFuture<Void> stop() {
    return run(sequence);
  }

  private CompletableFuture<Void> run(StopSequence stop) {
    CompletableFuture<Void> stopped = stop.run().subscribeAsCompletionStage();
    loop.runUntilIdle();
    return stopped;
  }
}
