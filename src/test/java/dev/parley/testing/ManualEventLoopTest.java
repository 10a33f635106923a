package dev.parley.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.loop.EventLoop.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ManualEventLoopTest {
  private final ManualEventLoop loop = new ManualEventLoop();
  private final List<String> ran = new ArrayList<>();

  @Test
  void runsTasksInTheOrderTheyWereGivenAndNeverInsideExecute() {
    loop.execute(() -> {
      loop.execute(() -> ran.add("inner"));
      ran.add("outer");
    });
    loop.execute(() -> ran.add("second"));
    assertThat(ran).isEmpty();
    loop.runUntilIdle();
    assertThat(ran).containsExactly("outer", "second", "inner");
  }

  @Test
  void knowsItsOwnTasks() {
    ManualEventLoop other = loop.sibling();
    loop.execute(() -> ran.add(loop.inLoop() + " " + other.inLoop()));
    loop.runUntilIdle();
    assertThat(ran).containsExactly("true false");
    assertThat(loop.inLoop()).isFalse();
  }

  @Test
  void runsTimersAtTheirTimeAndNotBefore() {
    Instant begin = loop.now();
    var _ = loop.schedule(Duration.ofMillis(30), () -> ran.add("30 " + since(begin)));
    var _ = loop.schedule(Duration.ofMillis(10), () -> ran.add("10 " + since(begin)));
    loop.advance(Duration.ofMillis(9));
    assertThat(ran).isEmpty();
    loop.advance(Duration.ofMillis(91));
    assertThat(ran).containsExactly("10 10", "30 30");
    assertThat(since(begin)).isEqualTo(100);
  }

  @Test
  void runsATimerThatATimerSetWithinTheSameAdvance() {
    var _ =
        loop.schedule(
            Duration.ofMillis(5),
            () -> {
              var _ = loop.schedule(Duration.ofMillis(5), () -> ran.add("second"));
            });
    loop.advance(Duration.ofMillis(10));
    assertThat(ran).containsExactly("second");
  }

  @Test
  void doesNotRunWhatWasCancelledInTheSameMoment() {
    List<Timer> second = new ArrayList<>();
    var _ = loop.schedule(Duration.ofMillis(5), () -> second.getFirst().cancel());
    second.add(loop.schedule(Duration.ofMillis(5), () -> ran.add("cancelled")));
    loop.advance(Duration.ofMillis(10));
    assertThat(ran).isEmpty();
    assertThat(loop.timers()).isZero();
  }

  @Test
  void cutsTheTimeOfDayToMillisecondsAndLetsNanoTimeOverflow() {
    long before = loop.nanoTime();
    Instant begin = loop.now();
    loop.advance(Duration.ofNanos(1_500_000));
    assertThat(loop.now()).isEqualTo(begin.plusMillis(1));
    loop.advance(Duration.ofSeconds(10));
    assertThat(loop.nanoTime()).isNegative();
    assertThat(loop.nanoTime() - before).isEqualTo(10_001_500_000L);
  }

  @Test
  void goesOnAfterATaskThatThrowsAndTellsInTheEnd() {
    loop.execute(() -> {
      throw new IllegalStateException("broken");
    });
    loop.execute(() -> ran.add("next"));
    assertThatThrownBy(loop::runUntilIdle)
        .isInstanceOf(AssertionError.class)
        .hasRootCauseMessage("broken");
    assertThat(ran).containsExactly("next");
    loop.runUntilIdle();
  }

  @Test
  void refusesAnotherThread() throws InterruptedException {
    Thread stranger = new Thread(() -> loop.execute(() -> ran.add("escaped")));
    stranger.setUncaughtExceptionHandler((_, _) -> {});
    stranger.start();
    stranger.join();
    assertThatThrownBy(loop::runUntilIdle)
        .isInstanceOf(AssertionError.class)
        .hasRootCauseInstanceOf(IllegalStateException.class);
    assertThat(ran).isEmpty();
  }

  @Test
  void runsUntilAConditionHoldsOrSaysThatItCannot() {
    AtomicInteger count = new AtomicInteger();
    var _ = loop.schedule(Duration.ofSeconds(3), count::incrementAndGet);
    loop.runUntil(() -> count.get() == 1, Duration.ofSeconds(5));
    assertThatThrownBy(() -> loop.runUntil(() -> count.get() == 2, Duration.ofSeconds(5)))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void dropsWhatALoopThatDiesHasLeftToDo() {
    for (ManualEventLoop doomed : List.of(loop.sibling(), ManualEventLoop.seeded(7).sibling())) {
      ManualEventLoop survivor = doomed.sibling();
      doomed.execute(() -> ran.add("waited"));
      survivor.execute(() -> ran.add("survived"));
      var _ = doomed.schedule(Duration.ofMillis(1), () -> ran.add("was due"));
      doomed.kill();
      doomed.execute(() -> ran.add("came late"));
      var _ = doomed.schedule(Duration.ofMillis(1), () -> ran.add("was set late"));
      assertThat(doomed.timers()).isZero();
      survivor.advance(Duration.ofSeconds(1));
      assertThat(ran).containsExactly("survived");
      ran.clear();
    }
  }

  @Test
  void canBeKilledByAnotherTaskAndNotByItsOwn() {
    ManualEventLoop other = loop.sibling();
    loop.execute(other::kill);
    other.execute(() -> ran.add("too late"));
    loop.execute(loop::kill);
    assertThatThrownBy(loop::runUntilIdle).hasRootCauseInstanceOf(IllegalStateException.class);
    assertThat(ran).isEmpty();
    assertThat(other.isDead()).isTrue();
    assertThat(loop.isDead()).isFalse();
  }

  @Test
  void keepsWhatALoopHasToDoWhileItIsFrozen() {
    ManualEventLoop frozen = ManualEventLoop.seeded(7);
    ManualEventLoop other = frozen.sibling();
    frozen.execute(() -> ran.add("before"));
    frozen.freeze();
    frozen.execute(() -> ran.add("meanwhile"));
    var _ = frozen.schedule(Duration.ofMillis(1), () -> ran.add("due"));
    other.execute(() -> ran.add("other"));
    other.advance(Duration.ofSeconds(1));
    assertThat(ran).containsExactly("other");
    frozen.thaw();
    frozen.runUntilIdle();
    assertThat(ran).containsExactly("other", "before", "meanwhile", "due");
    assertThatThrownBy(loop::freeze).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void tellsRunsApartByTheWayTheyWent() {
    Set<Long> fingerprints = new HashSet<>();
    for (long seed = 0; seed < 20; seed++) {
      assertThat(fingerprint(seed)).isEqualTo(fingerprint(seed));
      fingerprints.add(fingerprint(seed));
    }
    assertThat(fingerprints).hasSizeGreaterThan(5);
  }

  private static long fingerprint(long seed) {
    ManualEventLoop a = ManualEventLoop.seeded(seed);
    ManualEventLoop b = a.sibling();
    for (int i = 0; i < 3; i++) {
      a.execute(() -> {});
      b.execute(() -> {});
    }
    a.runUntilIdle();
    return a.fingerprint();
  }

  @Test
  void interleavesLoopsAsTheSeedSaysAndKeepsTheOrderOfEach() {
    Set<String> orders = new HashSet<>();
    for (long seed = 0; seed < 50; seed++) {
      String order = interleave(seed);
      assertThat(interleave(seed)).as("the same seed").isEqualTo(order);
      assertThat(order.replaceAll("[^a]", "") + order.replaceAll("[^b]", "")).isEqualTo("aaabbb");
      assertThat(order.replaceAll("[ab]", "")).hasSize(6);
      orders.add(order);
    }
    assertThat(orders).hasSizeGreaterThan(5);
  }

  private static String interleave(long seed) {
    ManualEventLoop a = ManualEventLoop.seeded(seed);
    ManualEventLoop b = a.sibling();
    StringBuilder order = new StringBuilder();
    for (int i = 1; i <= 3; i++) {
      int number = i;
      a.execute(() -> order.append('a').append(number));
      b.execute(() -> order.append('b').append(number));
    }
    a.runUntilIdle();
    assertThat(order.toString().replaceAll("b\\d", "")).isEqualTo("a1a2a3");
    assertThat(order.toString().replaceAll("a\\d", "")).isEqualTo("b1b2b3");
    return order.toString();
  }

  private long since(Instant begin) {
    return Duration.between(begin, loop.now()).toMillis();
  }
}
