package dev.parley.effect;

import dev.parley.log.Failures;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.store.Outbox;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// Reports how far clients have come: per session the highest frame that any of them acknowledged,
/// written together, at most once per interval. A report only: no cursor depends on it, and one
/// that is lost with its process is made up for by the next.
final class DeliveryLedger {
  private static final FieldLog LOG = FieldLog.of(DeliveryLedger.class);

  private final Outbox outbox;
  private final EventLoop loop;
  private final Duration interval;
  private Map<Long, Long> reached = new HashMap<>();
  private boolean scheduled;
  private boolean failing;
  private boolean stopped;

  DeliveryLedger(Outbox outbox, EventLoop loop, Duration interval) {
    this.outbox = outbox;
    this.loop = loop;
    this.interval = interval;
  }

  /// A client has everything up to `seq`. From any thread.
  void delivered(long sid, long seq) {
    loop.execute(() -> {
      reached.merge(sid, seq, Math::max);
      schedule();
    });
  }

  /// Writes nothing from now on. From any thread.
  void stop() {
    loop.execute(() -> stopped = true);
  }

  /// Writes what there is, and nothing from then on. From any thread.
  ///
  /// @return done when it is written; fails when it cannot be
  Uni<Void> finish() {
    return Uni.createFrom()
        .<Map<Long, Long>>emitter(rest ->
            loop.execute(() -> {
              stopped = true;
              Map<Long, Long> writing = reached;
              reached = new HashMap<>();
              rest.complete(writing);
            }))
        .flatMap(rest -> rest.isEmpty() ? Uni.createFrom().voidItem() : outbox.delivered(rest));
  }

  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      EventLoop.Timer _ = loop.schedule(interval, this::write);
    }
  }

  private void write() {
    if (stopped) {
      return;
    }
    Map<Long, Long> writing = reached;
    reached = new HashMap<>();
    outbox
        .delivered(writing)
        .subscribe()
        .with(
            _ ->
                loop.execute(() -> {
                  failing = false;
                  written();
                }),
            failure -> loop.execute(() -> retry(writing, failure)));
  }

  private void written() {
    scheduled = false;
    if (!reached.isEmpty()) {
      schedule();
    }
  }

  private void retry(Map<Long, Long> writing, Throwable failure) {
    if (!failing) {
      failing = true;
      LOG.warnf(
          Fields.NONE,
          "Delivered positions of %d sessions were not written, tried again every %s: %s",
          writing.size(),
          interval,
          Failures.named(failure));
    }
    writing.forEach((sid, seq) -> reached.merge(sid, seq, Math::max));
    written();
  }
}
