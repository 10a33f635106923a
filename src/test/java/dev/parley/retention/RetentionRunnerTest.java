package dev.parley.retention;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.retention.RetentionRunner.Settings;
import dev.parley.store.Removal;
import dev.parley.store.StoreUnavailableException;
import dev.parley.testing.ManualEventLoop;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Rounds of removal: bounded, on time, and unmoved by a store that is away.
final class RetentionRunnerTest {
  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final Duration FRAMES_AGE = Duration.ofHours(24);
  private static final Duration DELETED_AGE = Duration.ofSeconds(30);
  private static final Duration TOKENS_AGE = Duration.ofDays(35);
  private static final int TAKEN = 7;
  private static final int ROWS = 500;
  private static final int STATEMENTS = 4;

  private final ManualEventLoop loop = new ManualEventLoop();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final Scripted removal = new Scripted();
  private final Records logged = new Records();
  private final RetentionRunner runner =
      new RetentionRunner(
          removal,
          loop,
          metrics,
          new Settings(INTERVAL, FRAMES_AGE, DELETED_AGE, TOKENS_AGE, TAKEN, ROWS, STATEMENTS));

  /// A store that removes what the test says, and remembers what it was asked.
  private final class Scripted implements Removal {
    private final Deque<OldFrames> frames = new ArrayDeque<>();
    private final Deque<DeletedSessions> sessions = new ArrayDeque<>();
    private final Deque<Integer> tokens = new ArrayDeque<>();
    private final List<String> asked = new ArrayList<>();
    private boolean away;
    private int shrinks;
    private @Nullable UniEmitter<? super Boolean> shrinking;

    @Override
    public Uni<OldFrames> frames(Instant endedBefore, int turnsMax, int framesMax) {
      asked.add("frames before %s: %d, %d".formatted(endedBefore, turnsMax, framesMax));
      return answer(Objects.requireNonNullElse(frames.poll(), new OldFrames(0, 0)));
    }

    @Override
    public Uni<DeletedSessions> sessions(Instant deletedBefore, int sessionsMax, int rowsMax) {
      asked.add("sessions before %s: %d, %d".formatted(deletedBefore, sessionsMax, rowsMax));
      return answer(Objects.requireNonNullElse(sessions.poll(), new DeletedSessions(0, 0)));
    }

    @Override
    public Uni<Integer> tokens(Instant endedBefore, int rowsMax) {
      asked.add("tokens before %s: %d".formatted(endedBefore, rowsMax));
      return answer(Objects.requireNonNullElse(tokens.poll(), 0));
    }

    @Override
    public Uni<Boolean> shrink() {
      shrinks++;
      return Uni.createFrom().emitter(emitter -> shrinking = emitter);
    }

    private <T> Uni<T> answer(T answer) {
      return Uni.createFrom()
          .emitter(emitter ->
              loop.execute(() -> {
                if (away) {
                  emitter.fail(new StoreUnavailableException("away", null));
                } else {
                  emitter.complete(answer);
                }
              }));
    }

    private List<String> kinds() {
      return asked.stream().map(a -> a.substring(0, a.indexOf(' '))).toList();
    }
  }

  private static final class Records extends Handler {
    private final List<LogRecord> records = new ArrayList<>();

    @Override
    public void publish(LogRecord logRecord) {
      records.add(logRecord);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @BeforeEach
  void listen() {
    log().addHandler(logged);
  }

  @AfterEach
  void listenNoMore() {
    log().removeHandler(logged);
  }

  private static Logger log() {
    return Logger.getLogger(RetentionRunner.class.getName());
  }

  @Test
  void shrinksOnceAtATimeHoweverLongItTakes() {
    runner.start();
    loop.advance(INTERVAL.multipliedBy(4));
    assertThat(removal.shrinks).isEqualTo(1);
    requireNonNull(removal.shrinking).complete(true);
    loop.advance(INTERVAL);
    assertThat(removal.shrinks).isEqualTo(2);
    requireNonNull(removal.shrinking).fail(new StoreUnavailableException("away", null));
    loop.advance(INTERVAL);
    assertThat(removal.shrinks).isEqualTo(3);
    requireNonNull(removal.shrinking).complete(false);
    removal.away = true;
    loop.advance(INTERVAL.multipliedBy(2));
    assertThat(removal.shrinks).isEqualTo(3);
    assertThat(logged.records.stream().map(LogRecord::getMessage))
        .anyMatch(told -> told.contains("Made the index"))
        .anyMatch(told -> told.contains("stays as large"));
  }

  @Test
  void asksEachKindOncePerIntervalWhereNothingIsOld() {
    runner.start();
    loop.advance(INTERVAL.minusMillis(1));
    assertThat(removal.asked).isEmpty();
    loop.advance(Duration.ofMillis(1));
    Instant now = loop.now();
    assertThat(removal.asked)
        .containsExactly(
            "sessions before %s: 7, 500".formatted(now.minus(DELETED_AGE)),
            "frames before %s: 7, 500".formatted(now.minus(FRAMES_AGE)),
            "tokens before %s: 500".formatted(now.minus(TOKENS_AGE)));
    loop.advance(INTERVAL);
    assertThat(removal.asked).hasSize(6);
    assertThat(logged.records).isEmpty();
  }

  @Test
  void goesOnUntilNothingIsFoundAndCountsIt() {
    removal.sessions.add(new Removal.DeletedSessions(0, 500));
    removal.sessions.add(new Removal.DeletedSessions(3, 20));
    removal.frames.add(new Removal.OldFrames(1, 500));
    removal.frames.add(new Removal.OldFrames(2, 0));
    removal.tokens.add(500);
    removal.tokens.add(1);
    runner.start();
    loop.advance(INTERVAL);
    assertThat(removal.kinds())
        .containsExactly(
            "sessions",
            "sessions",
            "sessions",
            "frames",
            "frames",
            "frames",
            "tokens",
            "tokens",
            "tokens");
    assertThat(count("parley.retention.sessions.removed")).isEqualTo(3);
    assertThat(count("parley.retention.frames.removed")).isEqualTo(500);
    assertThat(logged.records).hasSize(1);
  }

  @Test
  void leavesTheRestToTheNextRoundWithoutKeepingTheOtherKindsWaiting() {
    for (int i = 0; i < STATEMENTS + 1; i++) {
      removal.sessions.add(new Removal.DeletedSessions(1, 10));
      removal.tokens.add(ROWS);
    }
    removal.frames.add(new Removal.OldFrames(1, 10));
    runner.start();
    loop.advance(INTERVAL);
    assertThat(removal.kinds().stream().filter("sessions"::equals)).hasSize(STATEMENTS);
    assertThat(removal.kinds().stream().filter("tokens"::equals)).hasSize(STATEMENTS);
    assertThat(count("parley.retention.frames.removed")).isEqualTo(10);
    loop.advance(INTERVAL);
    assertThat(count("parley.retention.sessions.removed")).isEqualTo(STATEMENTS + 1);
    assertThat(removal.tokens).isEmpty();
  }

  @Test
  void saysOnceThatTheStoreIsAwayAndGoesOnWhenItIsBack() {
    runner.start();
    removal.away = true;
    loop.advance(INTERVAL.multipliedBy(5));
    assertThat(logged.records).hasSize(1);
    assertThat(removal.kinds()).containsOnly("sessions").hasSize(5);
    removal.away = false;
    removal.frames.add(new Removal.OldFrames(1, 10));
    loop.advance(INTERVAL);
    assertThat(count("parley.retention.frames.removed")).isEqualTo(10);
    removal.away = true;
    loop.advance(INTERVAL);
    assertThat(logged.records).as("away, removed, away again").hasSize(3);
  }

  @Test
  void beginsNothingAnyMoreOnceItIsStopped() {
    runner.start();
    loop.advance(INTERVAL.minusMillis(1));
    runner.stop();
    runner.stop();
    loop.advance(INTERVAL);
    assertThat(removal.asked).isEmpty();
    assertThat(loop.timers()).isZero();
  }

  @Test
  void endsTheRoundItIsInWhenItIsStopped() {
    removal.sessions.add(new Removal.DeletedSessions(1, 10));
    runner.start();
    loop.runUntil(() -> !removal.asked.isEmpty(), INTERVAL.multipliedBy(2));
    runner.stop();
    loop.advance(INTERVAL.multipliedBy(3));
    assertThat(removal.asked).hasSize(1);
    assertThat(count("parley.retention.sessions.removed")).isEqualTo(1);
    assertThat(loop.timers()).isZero();
  }

  @Test
  void startsOnce() {
    runner.start();
    runner.start();
    loop.advance(INTERVAL);
    assertThat(removal.asked).hasSize(3);
  }

  @Test
  void refusesSettingsUnderWhichNothingWouldEverGo() {
    assertThatThrownBy(() -> new Settings(INTERVAL, FRAMES_AGE, DELETED_AGE, TOKENS_AGE, 0, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Settings(INTERVAL, FRAMES_AGE, DELETED_AGE, TOKENS_AGE, 1, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Settings(INTERVAL, FRAMES_AGE, DELETED_AGE, TOKENS_AGE, 1, 1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesSettingsUnderWhichADayThatGoesOnWouldGo() {
    Duration negative = Duration.ofHours(-1);
    assertThatThrownBy(() -> new Settings(INTERVAL, FRAMES_AGE, DELETED_AGE, negative, 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private double count(String counter) {
    return metrics.get(counter).counter().count();
  }
}
