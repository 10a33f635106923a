package dev.parley.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.testing.ManualEventLoop;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ReadTurnsTest {
  private static final long BUSY = 1;
  private static final long OTHER = 2;

  private static final Duration WAIT = Duration.ofSeconds(20);

  private final ManualEventLoop loop = new ManualEventLoop();
  private final ReadTurns turns = new ReadTurns(2, WAIT);

  /// Reads that go on, by their names, in the order in which they began.
  private final Map<String, UniEmitter<? super String>> begun = new LinkedHashMap<>();

  private final List<String> heard = new ArrayList<>();

  private Cancellable read(long sid, String name) {
    Cancellable read =
        turns
            .of(sid, loop, () -> Uni.createFrom().<String>emitter(e -> begun.put(name, e)))
            .subscribe()
            .with(heard::add, failure -> heard.add(name + " failed: " + failure.getMessage()));
    loop.runUntilIdle();
    return read;
  }

  private void end(String name) {
    Objects.requireNonNull(begun.get(name)).complete(name);
    loop.runUntilIdle();
  }

  @Test
  void letsSoManyReadAtOnce() {
    read(BUSY, "a");
    read(BUSY, "b");
    read(BUSY, "c");
    assertThat(begun).containsOnlyKeys("a", "b");
    end("b");
    assertThat(begun).containsOnlyKeys("a", "b", "c");
    assertThat(heard).containsExactly("b");
  }

  @Test
  void givesSessionsTheirTurns() {
    for (String name : List.of("a", "b", "c", "d", "e")) {
      read(BUSY, name);
    }
    read(OTHER, "x");
    end("a");
    assertThat(begun.keySet()).containsExactly("a", "b", "c");
    end("b");
    assertThat(begun.keySet()).as("before all who came earlier").contains("x").doesNotContain("d");
    end("c");
    end("x");
    assertThat(begun.keySet()).endsWith("d", "e");
  }

  @Test
  void aFailureEndsATurnToo() {
    read(BUSY, "a");
    read(BUSY, "b");
    read(BUSY, "c");
    Objects.requireNonNull(begun.get("a")).fail(new IllegalStateException("away"));
    loop.runUntilIdle();
    assertThat(heard).containsExactly("a failed: away");
    assertThat(begun).containsKey("c");
  }

  @Test
  void whoeverHasGoneDoesNotWait() {
    read(BUSY, "a");
    read(BUSY, "b");
    Cancellable gone = read(BUSY, "c");
    read(OTHER, "d");
    gone.cancel();
    end("a");
    assertThat(begun).containsOnlyKeys("a", "b", "d");
  }

  @Test
  void whoeverGoesInMidReadLeavesItsPlaceWhenThatEnds() {
    Cancellable gone = read(BUSY, "a");
    read(BUSY, "b");
    read(BUSY, "c");
    gone.cancel();
    assertThat(begun).doesNotContainKey("c");
    end("a");
    assertThat(begun).containsKey("c");
    assertThat(heard).isEmpty();
  }

  @Test
  void nobodyWaitsForEver() {
    read(BUSY, "a");
    read(BUSY, "b");
    read(BUSY, "c");
    loop.advance(WAIT);
    assertThat(heard)
        .containsExactly("c failed: " + new RefusedException(Refusal.unavailable()).getMessage());
    end("a");
    end("b");
    assertThat(begun).containsOnlyKeys("a", "b");
    read(BUSY, "d");
    assertThat(begun).containsKey("d");
  }

  @Test
  void aReadMayTakeLongerThanOneWaits() {
    read(BUSY, "a");
    loop.advance(WAIT.multipliedBy(2));
    end("a");
    assertThat(heard).containsExactly("a");
  }

  @Test
  void aThousandThatEndAtOnceDoNotPileUp() {
    read(BUSY, "a");
    read(BUSY, "b");
    for (int i = 0; i < 100_000; i++) {
      var _ =
          turns.of(BUSY, loop, () -> Uni.createFrom().item("at once")).subscribe().with(heard::add);
    }
    end("a");
    assertThat(heard).hasSize(100_001);
  }

  @Test
  void readsForSomebodyAtLeast() {
    assertThatThrownBy(() -> new ReadTurns(0, WAIT)).isInstanceOf(IllegalArgumentException.class);
  }
}
