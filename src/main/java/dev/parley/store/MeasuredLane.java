package dev.parley.store;

import dev.parley.loop.EventLoop;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// A lane whose batches are counted and timed.
public final class MeasuredLane implements CommitLane {
  /// Between which a commit's time is told.
  private static final Duration[] COMMIT = {
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5)
  };

  private final CommitLane lane;
  private final EventLoop loop;
  private final Timer wait;
  private final Timer commit;
  private final DistributionSummary sessions;
  private final DistributionSummary frames;

  /// @param loop the journal's: the lane is called on it
  public MeasuredLane(CommitLane lane, EventLoop loop, MeterRegistry metrics) {
    this.lane = lane;
    this.loop = loop;
    this.wait =
        Timer.builder("parley.journal.wait")
            .description("From an agent's word, the oldest of its batch, until its commit begins")
            .register(metrics);
    this.commit =
        Timer.builder("parley.journal.commit")
            .description("One commit, whatever came of it")
            .serviceLevelObjectives(COMMIT)
            .register(metrics);
    this.sessions =
        DistributionSummary.builder("parley.journal.batch.sessions")
            .description("Sessions in one commit")
            .register(metrics);
    this.frames =
        DistributionSummary.builder("parley.journal.batch.frames")
            .description("Frames in one commit")
            .register(metrics);
  }

  @Override
  public Uni<Set<Long>> commit(List<PreparedAppend> batch) {
    long begin = loop.nanoTime();
    int framesInAll = 0;
    for (PreparedAppend prepared : batch) {
      Long since = prepared.append().waitsSinceNanos();
      if (since != null) {
        wait.record(begin - since, TimeUnit.NANOSECONDS);
      }
      framesInAll += prepared.frames().size();
    }
    sessions.record(batch.size());
    frames.record(framesInAll);
    return lane.commit(batch)
        .onTermination()
        .invoke(() -> commit.record(loop.nanoTime() - begin, TimeUnit.NANOSECONDS));
  }
}
