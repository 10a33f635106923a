package dev.parley.effect.discrete;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.effect.discrete.DiscreteWorld.Session;
import dev.parley.effect.discrete.EffectHandler.Outcome;
import dev.parley.effect.discrete.ToldHandler.Execution;
import dev.parley.loop.EventLoop;
import dev.parley.store.EffectInspector.StoredEffect;
import dev.parley.store.EffectStatus;
import dev.parley.store.InMemoryStore.CallFault;
import dev.parley.testing.ManualEventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Effects under crashes, lost calls, failures and delays, as seeds decide: what must always hold
/// (requirements O6, O7).
///
/// Seeds by `-Dparley.effects.seeds`, one of them again by `-Dparley.effects.seed`.
final class DiscreteEffectsHistoriesTest {
  private static final long SEEDS = Long.getLong("parley.effects.seeds", 300);
  private static final @Nullable Long SEED = Long.getLong("parley.effects.seed");
  private static final int SESSIONS = 6;
  private static final int EFFECTS = 40;
  private static final Duration ROUGH = Duration.ofMinutes(30);

  static LongStream seeds() {
    return SEED == null ? LongStream.rangeClosed(1, SEEDS) : LongStream.of(SEED);
  }

  /// One run.
  @SuppressWarnings("NullAway.Init")
  private static final class History {
    final Random random;
    final DiscreteWorld world;
    final EventLoop loop;
    final List<ToldHandler> handlers = new ArrayList<>();
    final List<String> violations = new ArrayList<>();

    /// The ids of each session's effects in the order of their commits.
    final Map<Long, List<String>> lines = new HashMap<>();

    private final List<Integer> commits = new ArrayList<>();
    private int crashes;
    private DiscreteEffects engine;
    private WatchedQueue connection;

    History(long seed) {
      random = new Random(seed);
      ManualEventLoop first = ManualEventLoop.seeded(seed);
      world = new DiscreteWorld(first);
      loop = first.sibling();
    }

    void run() {
      for (int i = 0; i < SESSIONS; i++) {
        lines.put(world.session().sid, new ArrayList<>());
      }
      world.fault =
          () ->
              switch (random.nextInt(40)) {
                case 0 -> CallFault.LOST_BEFORE;
                case 1 -> CallFault.LOST_AFTER;
                default -> CallFault.NONE;
              };
      start();
      for (int i = 0; i < EFFECTS; i++) {
        int number = i;
        EventLoop.Timer _ = loop.schedule(random(ROUGH), () -> commits.add(number));
      }
      for (int i = 0; i < random.nextInt(4); i++) {
        EventLoop.Timer _ = loop.schedule(random(ROUGH), () -> crashes++);
      }
      Duration step = Duration.ofSeconds(1);
      for (Duration t = Duration.ZERO; t.compareTo(ROUGH) <= 0; t = t.plus(step)) {
        world.loop.advance(step);
        commits.forEach(this::commit);
        commits.clear();
        for (; crashes > 0; crashes--) {
          crash();
        }
      }
      world.fault = () -> CallFault.NONE;
      world.loop.runUntil(this::isOver, Duration.ofHours(12));
    }

    private List<String> line(long sid) {
      return lines.getOrDefault(sid, List.of());
    }

    private void commit(int number) {
      Session session = world.sessions.get(random.nextInt(SESSIONS));
      world.wakesLost = random.nextInt(5) == 0 ? 1 : 0;
      String id = "e" + number;
      line(session.sid).add(id);
      world.commit(session, id);
    }

    private void start() {
      ToldHandler handler = new ToldHandler(loop);
      handler.takes =
          e ->
              random.nextInt(10) == 0
                  ? random(Duration.ofSeconds(60))
                  : random(Duration.ofSeconds(5));
      handler.outcome =
          e ->
              switch (random.nextInt(20)) {
                case 0 -> new Outcome.Failed("gone", false);
                case 1, 2, 3, 4, 5, 6 -> DiscreteWorld.failed();
                default -> new Outcome.Done();
              };
      handler.started = this::check;
      handlers.add(handler);
      connection = new WatchedQueue(world.store.effects());
      engine = world.engine(handler, connection);
      engine.start();
    }

    /// Its process is gone in the middle of whatever it does, and another one starts.
    private void crash() {
      connection.dead = true;
      world.deaf(engine);
      start();
    }

    private Duration random(Duration below) {
      return Duration.ofMillis(random.nextLong(below.toMillis()));
    }

    private void check(Execution execution) {
      StoredEffect stored = world.find(execution.id());
      if (stored.status() != EffectStatus.EXECUTING || stored.attempts() < execution.attempts()) {
        violations.add(execution + " is executed while it is " + stored.status());
      }
      for (String earlier : line(execution.sid())) {
        if (earlier.equals(execution.id())) {
          break;
        }
        if (!isOver(earlier)) {
          violations.add(execution + " is executed before " + earlier + " is over");
        }
      }
    }

    private boolean isOver() {
      return lines.values().stream().flatMap(List::stream).allMatch(this::isOver);
    }

    private boolean isOver(String id) {
      EffectStatus status = world.find(id).status();
      return status == EffectStatus.COMPLETED || status == EffectStatus.FAILED;
    }

    List<Execution> executions(String id) {
      return handlers.stream()
          .flatMap(handler -> handler.executions.stream())
          .filter(execution -> execution.id().equals(id))
          .toList();
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void executesEverythingInOrderAndNothingAfterItsCompletion(long seed) {
    History history = new History(seed);
    history.run();
    assertThat(history.violations).isEmpty();
    assertThat(history.handlers).allSatisfy(h -> assertThat(h.violations).isEmpty());
    List<String> ids = history.lines.values().stream().flatMap(List::stream).toList();
    assertThat(ids).hasSize(EFFECTS);
    for (String id : ids) {
      StoredEffect stored = history.world.find(id);
      List<Execution> executions = history.executions(id);
      assertThat(executions).hasSizeLessThanOrEqualTo(DiscreteWorld.ATTEMPTS);
      assertThat(executions).extracting(Execution::attempts).doesNotHaveDuplicates();
      if (stored.status() == EffectStatus.COMPLETED) {
        assertThat(executions).extracting(Execution::attempts).last().isEqualTo(stored.attempts());
      } else {
        assertThat(stored.lastError()).isNotNull();
      }
    }
  }
}
