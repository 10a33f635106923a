package dev.parley.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchedExecutorTest {
  private final Queue<Runnable> turns = new ArrayDeque<>();
  private final List<Object> seen = new ArrayList<>();
  private final BatchedExecutor executor = new BatchedExecutor(turns::add, seen::add);

  @Test
  void tasksGivenBeforeATurnShareIt() {
    executor.execute(() -> seen.add(1));
    executor.execute(() -> seen.add(2));

    assertThat(seen).isEmpty();
    assertThat(turns).hasSize(1);
    turns.remove().run();
    assertThat(seen).containsExactly(1, 2);
    assertThat(turns).isEmpty();
  }

  @Test
  void aTaskOfATaskRunsAfterItAndAfterThoseBefore() {
    executor.execute(() -> {
      executor.execute(() -> seen.add(3));
      seen.add(1);
    });
    executor.execute(() -> seen.add(2));

    runAll();

    assertThat(seen).containsExactly(1, 2, 3);
  }

  @Test
  void whoeverGivesATaskIsToldThatTheCarrierTakesNone() {
    List<Runnable> taken = new ArrayList<>();
    boolean[] closed = {true};
    BatchedExecutor closing =
        new BatchedExecutor(
            turn -> {
              if (closed[0]) {
                throw new RejectedExecutionException("closed");
              }
              taken.add(turn);
            },
            seen::add);

    assertThatThrownBy(() -> closing.execute(() -> {})).hasMessage("closed");
    assertThatThrownBy(() -> closing.execute(() -> {})).hasMessage("closed");
    closed[0] = false;
    closing.execute(() -> seen.add(1));
    taken.removeFirst().run();
    assertThat(seen).containsExactly(1);
  }

  @Test
  void aTurnEndsSoThatOthersHaveTheirs() {
    int tasks = BatchedExecutor.TURN_TASKS_MAX + 1;
    IntStream.range(0, tasks).forEach(i -> executor.execute(() -> seen.add(i)));

    turns.remove().run();

    assertThat(seen).hasSize(BatchedExecutor.TURN_TASKS_MAX);
    assertThat(turns).hasSize(1);
    turns.remove().run();
    assertThat(seen).hasSize(tasks).isSorted();
    assertThat(turns).isEmpty();
  }

  @Test
  void aTaskThatThrowsIsToldOfAndStopsNoOther() {
    IllegalStateException broken = new IllegalStateException("broken");
    executor.execute(() -> {
      throw broken;
    });
    executor.execute(() -> seen.add(1));

    runAll();

    assertThat(seen).containsExactly(broken, 1);
  }

  @Test
  void anErrorEndsItsTurnAndStopsNoTaskBehindIt() {
    StackOverflowError error = new StackOverflowError();
    executor.execute(() -> {
      throw error;
    });
    executor.execute(() -> seen.add(1));

    assertThatThrownBy(turns.remove()::run).isSameAs(error);
    runAll();

    assertThat(seen).containsExactly(1);
  }

  @Test
  void losesNothingOfManyThreadsAndKeepsTheOrderOfEach() throws Exception {
    int threads = 4;
    int each = 20_000;
    List<int[]> ran = new ArrayList<>();
    try (ExecutorService carrier = Executors.newSingleThreadExecutor();
        ExecutorService givers = Executors.newFixedThreadPool(threads)) {
      BatchedExecutor shared = new BatchedExecutor(carrier, seen::add);
      for (int thread = 0; thread < threads; thread++) {
        int from = thread;
        givers.execute(() ->
            IntStream.range(0, each)
                .forEach(i -> shared.execute(() -> ran.add(new int[] {from, i}))));
      }
      givers.shutdown();
      assertThat(givers.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
      var done = new CompletableFuture<Void>();
      shared.execute(() -> done.complete(null));
      done.get(1, TimeUnit.MINUTES);
    }
    assertThat(ran).hasSize(threads * each);
    var last = new HashMap<Integer, Integer>();
    for (int[] task : ran) {
      assertThat(task[1]).isEqualTo(last.getOrDefault(task[0], -1) + 1);
      last.put(task[0], task[1]);
    }
  }

  private void runAll() {
    while (!turns.isEmpty()) {
      turns.remove().run();
    }
  }
}
