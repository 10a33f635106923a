package dev.parley.store;

import dev.parley.loop.EventLoop;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// A lane whose batches are counted and timed.
public final class MeasuredLane implements CommitLane {
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
