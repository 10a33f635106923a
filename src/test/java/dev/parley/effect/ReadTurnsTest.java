package dev.parley.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ReadTurnsTest {
  private static final long BUSY = 1;
  private static final long OTHER = 2;

  private final ReadTurns turns = new ReadTurns(2);

  /// Reads that go on, by their names, in the order in which they began.
  private final Map<String, UniEmitter<? super String>> begun = new LinkedHashMap<>();

  private final List<String> heard = new ArrayList<>();

  private Cancellable read(long sid, String name) {
    return turns
        .of(sid, () -> Uni.createFrom().<String>emitter(read -> begun.put(name, read)))
        .subscribe()
        .with(heard::add, failure -> heard.add(name + " failed"));
  }

  private void end(String name) {
    Objects.requireNonNull(begun.get(name)).complete(name);
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
    assertThat(heard).containsExactly("a failed");
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
  void readsForSomebodyAtLeast() {
    assertThatThrownBy(() -> new ReadTurns(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
