package dev.parley.store;

import dev.parley.log.Failures;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.session.SessionState.Present;
import dev.parley.store.CommitLane.CommitFailure;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/// Group commit: while one batch is on its way the next one gathers, and there is no timer. So a
/// single session waits for nobody, and many sessions share the cost of one commit.
///
/// **Bounds.** A session has at most one append here (its actor waits), so what gathers is bounded
/// by the active sessions; a batch by [Settings].
///
/// **Failure.** A batch that the store refuses is halved until the session to blame stands alone;
/// the others are committed. One that lost a race is tried again, [Settings#retriesMax] times. When
/// the outcome is not known, each of its sessions is told so.
public final class Journal {
  private static final FieldLog LOG = FieldLog.of(Journal.class);

  private final EventLoop loop;
  private final CommitLane lane;
  private final CommitListener listener;
  private final Settings settings;
  private final Deque<Pending> gathering = new ArrayDeque<>();
  private final Deque<Batch> halves = new ArrayDeque<>();
  private boolean busy;

  /// @param sessionsMax sessions in one batch: what one statement carries without keeping the
  ///   others waiting long
  /// @param bytesMax bytes of frames, events and snapshots in one batch, unless a single append is
  ///   larger
  /// @param retriesMax how often a batch that lost a race (SQLSTATE class 40) is tried again
  public record Settings(int sessionsMax, int bytesMax, int retriesMax) {}

  private record Pending(PreparedAppend append, UniEmitter<? super AppendResult> answer) {}

  private record Batch(List<Pending> appends, int tries) {}

  /// @param loop the loop that batching runs on
  public Journal(EventLoop loop, CommitLane lane, CommitListener listener, Settings settings) {
    this.loop = loop;
    this.lane = lane;
    this.listener = listener;
    this.settings = settings;
  }

  /// Writes the append with whatever gathers beside it. It is encoded where this is subscribed to;
  /// emits on the journal's loop. Fails only for what cannot be encoded, before anything is
  /// written.
  public Uni<AppendResult> append(Append append) {
    return Uni.createFrom()
        .deferred(() -> {
          PreparedAppend prepared = PreparedAppend.of(append);
          return Uni.createFrom()
              .emitter(answer -> loop.execute(() -> gather(new Pending(prepared, answer))));
        });
  }

  /// Ends the doubt about an append without a known outcome: what listens is told of it as it would
  /// have been with the store's answer. That lists may have changed is told in any case: an append
  /// that is not found may be one whose session another node has taken over, or removed.
  ///
  /// @param found the store has it
  public void settled(Append append, boolean found) {
    PreparedAppend prepared = PreparedAppend.of(append);
    loop.execute(() -> {
      if (found) {
        tellFrames(prepared);
        tellEffects(prepared);
      }
      tellChange(prepared);
    });
  }

  private void gather(Pending pending) {
    gathering.add(pending);
    next();
  }

  private void next() {
    if (busy) {
      return;
    }
    Batch batch = halves.isEmpty() ? gathered() : halves.poll();
    if (!batch.appends().isEmpty()) {
      commit(batch);
    }
  }

  private Batch gathered() {
    List<Pending> appends = new ArrayList<>();
    long bytes = 0;
    while (!gathering.isEmpty() && appends.size() < settings.sessionsMax()) {
      bytes += gathering.element().append().bytes();
      if (bytes > settings.bytesMax() && !appends.isEmpty()) {
        break;
      }
      appends.add(gathering.remove());
    }
    return new Batch(appends, 0);
  }

  private void commit(Batch batch) {
    busy = true;
    List<PreparedAppend> appends = batch.appends().stream().map(Pending::append).toList();
    Uni.createFrom()
        .deferred(() -> lane.commit(appends))
        .subscribe()
        .with(
            applied -> loop.execute(() -> settle(batch, applied)),
            failure -> loop.execute(() -> failed(batch, failure)));
  }

  private void settle(Batch batch, Set<Long> applied) {
    busy = false;
    for (Pending pending : batch.appends()) {
      PreparedAppend prepared = pending.append();
      long sid = prepared.append().sid();
      if (!applied.contains(sid)) {
        pending.answer().complete(new AppendResult.Missed());
        continue;
      }
      tellFrames(prepared);
      tellEffects(prepared);
      tellChange(prepared);
      pending.answer().complete(new AppendResult.Applied());
    }
    next();
  }

  private void tellFrames(PreparedAppend prepared) {
    long sid = prepared.append().sid();
    if (!prepared.frames().isEmpty()) {
      tell(sid, () -> listener.committed(sid, prepared.frames()));
    }
  }

  private void tellEffects(PreparedAppend prepared) {
    long sid = prepared.append().sid();
    if (!prepared.append().effects().isEmpty()) {
      tell(sid, () -> listener.effectsCommitted(sid));
    }
  }

  private void tellChange(PreparedAppend prepared) {
    Append.Change change = prepared.append().change();
    if (change != null) {
      tell(prepared.append().sid(), () -> listener.changed(change.key(), change.at()));
    }
  }

  /// A listener that throws loses a wake, which its sweep finds, and harms no session.
  private static void tell(long sid, Runnable wake) {
    try {
      wake.run();
    } catch (RuntimeException e) {
      LOG.errorf(
          Fields.NONE, e, "The listener failed for session %d, its wake waits for the sweep", sid);
    }
  }

  private void failed(Batch batch, Throwable failure) {
    busy = false;
    if (failure instanceof CommitFailure known) {
      switch (known.remedy()) {
        case BISECT -> bisect(batch, known);
        case RETRY -> retry(batch, known);
      }
    } else {
      LOG.warnf(
          Fields.NONE,
          "Commit of %d sessions has no known outcome, each of them will ask the store: %s",
          batch.appends().size(),
          Failures.named(failure));
      batch.appends().forEach(p -> p.answer().complete(new AppendResult.Unknown()));
    }
    next();
  }

  private void bisect(Batch batch, CommitFailure failure) {
    List<Pending> appends = batch.appends();
    if (appends.size() == 1) {
      Pending pending = appends.getFirst();
      LOG.errorf(
          fields(pending.append().append()),
          "The store refuses an append with SQLSTATE %s; it is not written",
          failure.sqlState());
      pending.answer().complete(new AppendResult.Refused(failure.sqlState()));
      return;
    }
    int half = appends.size() / 2;
    halves.addFirst(new Batch(appends.subList(half, appends.size()), 0));
    halves.addFirst(new Batch(appends.subList(0, half), 0));
  }

  private static Fields fields(Append append) {
    return append.after() instanceof Present present
        ? Fields.ofSession(present.core().key().toString())
        : Fields.NONE;
  }

  private void retry(Batch batch, CommitFailure failure) {
    if (batch.tries() < settings.retriesMax()) {
      halves.addFirst(new Batch(batch.appends(), batch.tries() + 1));
      return;
    }
    LOG.errorf(
        Fields.NONE,
        "Commit of %d sessions failed %d times with SQLSTATE %s; each of them will ask the store",
        batch.appends().size(),
        batch.tries() + 1,
        failure.sqlState());
    batch.appends().forEach(p -> p.answer().complete(new AppendResult.Unknown()));
  }
}
