package dev.parley.agent.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.agent.tool.Tools.Call;
import dev.parley.agent.tool.Tools.Outcome;
import dev.parley.agent.tool.Tools.Outcome.Failed;
import dev.parley.agent.tool.Tools.Outcome.Gave;
import dev.parley.agent.tool.Tools.Running;
import dev.parley.testing.SharedLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LimitedToolTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final SharedLoop loop = new SharedLoop();
  private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();
  private final List<String> begun = new CopyOnWriteArrayList<>();
  private final List<String> interrupted = new CopyOnWriteArrayList<>();
  private final List<String> heard = new ArrayList<>();
  private final List<Outcome> outcomes = new ArrayList<>();

  @AfterEach
  void letGo() {
    gates.values().forEach(CountDownLatch::countDown);
  }

  @Test
  void tellsWhatAToolGaveOnTheLoopAndLater() {
    LimitedTool tool = tool(1, 0, call -> "said " + call.arguments());

    loop.run(() -> {
      Running _ =
          tool.run(
              call("a"),
              loop,
              outcome -> {
                assertThat(loop.inLoop()).isTrue();
                outcomes.add(outcome);
              });
      assertThat(outcomes).isEmpty();
    });
    loop.await(() -> !outcomes.isEmpty());

    assertThat(outcomes).containsExactly(new Gave("said a"));
    assertThat(loop.timers()).isZero();
  }

  @Test
  void runsOnVirtualThreads() {
    LimitedTool tool = tool(1, 0, _ -> String.valueOf(Thread.currentThread().isVirtual()));
    ask(tool, "a");
    loop.await(() -> !outcomes.isEmpty());
    assertThat(outcomes).containsExactly(new Gave("true"));
  }

  @Test
  void runsAsManyAtOnceAsItMayAndTheOthersInTheirOrder() {
    LimitedTool tool = tool(2, 3, this::atGate);
    for (String name : List.of("a", "b", "c", "d", "e")) {
      ask(tool, name);
    }
    await().until(() -> begun.size() == 2);

    open("b");
    loop.await(() -> heard.size() == 1);
    await().until(() -> begun.contains("c"));
    open("a");
    loop.await(() -> heard.size() == 2);
    await().until(() -> begun.contains("d"));
    assertThat(begun).doesNotContain("e");
    open("c", "d", "e");
    loop.await(() -> heard.size() == 5);

    assertThat(begun.subList(2, 5)).containsExactly("c", "d", "e");
    assertThat(heard.subList(0, 2)).containsExactly("b", "a");
  }

  @Test
  void refusesAtOnceWhenTooManyWait() {
    LimitedTool tool = tool(1, 1, this::atGate);
    ask(tool, "a");
    ask(tool, "b");
    ask(tool, "c");

    loop.runUntilIdle();
    assertThat(heard).containsExactly("c");
    assertThat(outcomes)
        .containsExactly(new Failed("too many calls of this tool are waiting; try again later"));

    open("a", "b");
    loop.await(() -> heard.size() == 3);
    assertThat(outcomes).contains(new Gave("a"), new Gave("b"));
    assertThat(loop.timers()).isZero();
  }

  @Test
  void whoHearsOfTheEndFindsThePlaceFree() {
    LimitedTool tool = tool(1, 0, Call::arguments);
    for (int i = 0; i < 200; i++) {
      int calls = i + 1;
      ask(tool, "a" + i);
      loop.await(() -> outcomes.size() == calls);
    }
    assertThat(outcomes).allMatch(Gave.class::isInstance);
  }

  @Test
  void interruptsWhatTakesTooLong() {
    LimitedTool tool = tool(1, 0, this::atGate);
    ask(tool, "a");
    await().until(() -> begun.contains("a"));

    loop.advance(TIMEOUT.minusMillis(1));
    assertThat(outcomes).isEmpty();
    loop.advance(Duration.ofMillis(1));

    assertThat(outcomes).containsExactly(new Failed("it took longer than 30000 ms"));
    await().until(() -> interrupted.contains("a"));
    await().until(tool::isIdle);
    loop.runUntilIdle();
    assertThat(outcomes).hasSize(1);
  }

  @Test
  void waitingCountsForTheTime() {
    LimitedTool tool = tool(1, 1, this::atGate);
    ask(tool, "a");
    await().until(() -> begun.contains("a"));
    loop.advance(TIMEOUT.minusSeconds(1));
    ask(tool, "b");
    open("a");
    loop.await(() -> heard.contains("a"));
    await().until(() -> begun.contains("b"));

    loop.advance(TIMEOUT.minusMillis(1));
    assertThat(heard).containsExactly("a");
    loop.advance(Duration.ofMillis(1));
    assertThat(heard).containsExactly("a", "b");
  }

  @Test
  void whatHasWaitedTooLongNeverRuns() {
    CountDownLatch end = new CountDownLatch(1);
    LimitedTool tool = tool(1, 2, call -> stubborn(call, end));
    ask(tool, "a");
    ask(tool, "b");
    await().until(() -> begun.contains("a"));
    loop.advance(TIMEOUT.dividedBy(2));
    ask(tool, "c");
    loop.advance(TIMEOUT.dividedBy(2));
    assertThat(heard).containsExactlyInAnyOrder("a", "b");

    end.countDown();
    loop.await(() -> heard.contains("c"));
    assertThat(begun).containsExactly("a", "c");
  }

  @Test
  void aCancelledCallIsInterruptedAndNotHeardOf() {
    LimitedTool tool = tool(1, 1, this::atGate);
    Running running = ask(tool, "a");
    Running waiting = ask(tool, "b");
    await().until(() -> begun.contains("a"));

    loop.run(waiting::cancel);
    loop.run(running::cancel);
    loop.run(running::cancel);

    await().until(() -> interrupted.contains("a"));
    await().until(tool::isIdle);
    loop.advance(TIMEOUT);
    assertThat(heard).isEmpty();
    assertThat(begun).containsExactly("a");
    assertThat(loop.timers()).isZero();
  }

  @Test
  void anOutcomeThatIsOnItsWayIsNotHeardOfAfterACancel() {
    LimitedTool tool = tool(1, 0, Call::arguments);
    Running running = ask(tool, "a");
    await().until(tool::isIdle);
    loop.run(running::cancel);
    loop.runUntilIdle();
    assertThat(heard).isEmpty();
  }

  @Test
  void aRefusalCanBeCancelledToo() {
    LimitedTool tool = tool(1, 0, this::atGate);
    ask(tool, "a");
    loop.run(() -> ask(tool, "b").cancel());
    assertThat(heard).isEmpty();
  }

  @Test
  void whatIgnoresTheInterruptKeepsItsPlace() {
    CountDownLatch end = new CountDownLatch(1);
    LimitedTool tool = tool(1, 1, call -> stubborn(call, end));
    ask(tool, "a");
    await().until(() -> begun.contains("a"));
    loop.advance(TIMEOUT);
    assertThat(heard).containsExactly("a");
    await().until(() -> interrupted.contains("a"));

    ask(tool, "b");
    ask(tool, "c");
    loop.runUntilIdle();
    assertThat(heard).containsExactly("a", "c");
    assertThat(begun).containsExactly("a");

    end.countDown();
    loop.await(() -> heard.contains("b"));
    assertThat(outcomes).last().isEqualTo(new Gave("at last"));
    assertThat(outcomes).hasSize(3);
  }

  @Test
  void anAnswerThatIsTooLongFails() {
    List<String> answers = List.of("1234567890", "12345678901", "ääääa", "äääääa");
    LimitedTool tool =
        new LimitedTool(
            "t",
            new ToolLimits(TIMEOUT, 1, 0, 10, false),
            call -> answers.get(Integer.parseInt(call.arguments())));
    for (int i = 0; i < answers.size(); i++) {
      int calls = i + 1;
      ask(tool, String.valueOf(i));
      loop.await(() -> outcomes.size() == calls);
    }
    Failed tooLong = new Failed("its answer is longer than 10 bytes");
    assertThat(outcomes)
        .containsExactly(new Gave("1234567890"), tooLong, new Gave("ääääa"), tooLong);
  }

  @Test
  void whatIsThrownIsToldByItsMessageWithinABound() {
    List<Throwable> thrown =
        List.of(
            new IllegalArgumentException("no such city"),
            new IllegalStateException(),
            new StackOverflowError(),
            new IllegalStateException(" "),
            new IllegalStateException("x".repeat(LimitedTool.WHY_CHARS_MAX - 1) + "😀"));
    LimitedTool tool =
        tool(
            1,
            0,
            call -> {
              throw sneaky(thrown.get(Integer.parseInt(call.arguments())));
            });
    for (int i = 0; i < thrown.size(); i++) {
      int calls = i + 1;
      ask(tool, String.valueOf(i));
      loop.await(() -> outcomes.size() == calls);
    }
    assertThat(outcomes)
        .containsExactly(
            new Failed("no such city"),
            new Failed("IllegalStateException"),
            new Failed("StackOverflowError"),
            new Failed("IllegalStateException"),
            new Failed("x".repeat(LimitedTool.WHY_CHARS_MAX - 1)));
  }

  private static RuntimeException sneaky(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return (RuntimeException) thrown;
  }

  private static LimitedTool tool(int concurrencyMax, int waitingMax, BlockingTool tool) {
    return new LimitedTool(
        "t", new ToolLimits(TIMEOUT, concurrencyMax, waitingMax, 1000, false), tool);
  }

  private static Call call(String arguments) {
    return new Call("user:agent:thread", "t", arguments);
  }

  private Running ask(LimitedTool tool, String name) {
    return tool.run(
        call(name),
        loop,
        outcome -> {
          heard.add(name);
          outcomes.add(outcome);
        });
  }

  private String atGate(Call call) throws InterruptedException {
    String name = call.arguments();
    begun.add(name);
    try {
      if (!gate(name).await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody opened " + name);
      }
    } catch (InterruptedException e) {
      interrupted.add(name);
      throw e;
    }
    return name;
  }

  /// Does not stop when it is told to.
  private String stubborn(Call call, CountDownLatch end) {
    begun.add(call.arguments());
    while (end.getCount() > 0) {
      try {
        end.await();
      } catch (InterruptedException e) {
        interrupted.add(call.arguments());
      }
    }
    return "at last";
  }

  private void open(String... names) {
    for (String name : names) {
      gate(name).countDown();
    }
  }

  private CountDownLatch gate(String name) {
    return gates.computeIfAbsent(name, _ -> new CountDownLatch(1));
  }
}
