package dev.parley.simulation;

import dev.parley.loop.EventLoop;
import dev.parley.store.CommitListener;
import dev.parley.store.EncodedFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/// The way from one node's journal to its runner, on which wakes are lost, doubled and delayed; and
/// the account of those that are due: of every commit the runner must be told, and in time, for the
/// sweep to have nothing to rescue.
final class Wakes implements CommitListener {
  private final CommitListener runner;
  private final EventLoop loop;
  private final FaultPlan plan;
  private final Duration timely;
  private final List<Due> due = new ArrayList<>();
  private long excused;

  /// Frames that became durable and that the runner has not been told of.
  private record Due(long sid, long seq, int frames, long sinceNanos) {}

  /// @param loop the journal's
  /// @param timely how late a wake may be and be no business of the sweep
  Wakes(CommitListener runner, EventLoop loop, FaultPlan plan, Duration timely) {
    this.runner = runner;
    this.loop = loop;
    this.plan = plan;
    this.timely = timely;
  }

  @Override
  public void committed(long sid, List<EncodedFrame> frames) {
    switch (plan.wake()) {
      case NONE -> tell(sid, frames);
      case LOST -> settle(sid, frames, true);
      case TWICE -> {
        tell(sid, frames);
        later(sid, frames);
      }
      case LATE -> later(sid, frames);
    }
  }

  private void later(long sid, List<EncodedFrame> frames) {
    EventLoop.Timer _ = loop.schedule(plan.wakeDelay(), () -> tell(sid, frames));
  }

  private void tell(long sid, List<EncodedFrame> frames) {
    settle(sid, frames, false);
    runner.committed(sid, frames);
  }

  /// A commit of this node has become durable.
  void due(long sid, List<EncodedFrame> frames) {
    if (!frames.isEmpty()) {
      due.add(new Due(sid, frames.getLast().seq(), frames.size(), loop.nanoTime()));
    }
  }

  /// Another node has taken the session: what became of a commit in doubt is not this one's to find
  /// out any more.
  void lose(long sid) {
    for (Iterator<Due> each = due.iterator(); each.hasNext(); ) {
      Due one = each.next();
      if (one.sid() == sid) {
        each.remove();
        excused += one.frames();
      }
    }
  }

  /// Frames became durable of which nobody can tell this node: their node is dead.
  void excuse(List<EncodedFrame> frames) {
    excused += frames.size();
  }

  private void settle(long sid, List<EncodedFrame> frames, boolean lost) {
    long last = frames.getLast().seq();
    for (Iterator<Due> each = due.iterator(); each.hasNext(); ) {
      Due one = each.next();
      if (one.sid() == sid && one.seq() == last) {
        each.remove();
        excused += lost || isLate(one) ? one.frames() : 0;
      }
    }
  }

  private boolean isLate(Due one) {
    return loop.nanoTime() - one.sinceNanos() > timely.toNanos();
  }

  /// How many frames the sweep may have rescued at most.
  long excused() {
    return excused + due.stream().filter(this::isLate).mapToLong(Due::frames).sum();
  }

  /// A world at rest owes its runner nothing. Of a session whose rows went before anybody could ask
  /// what became of a commit, nobody can tell it: there the sweep finds that they are gone.
  void check(LongPredicate isThere, Consumer<String> violation) {
    for (Due one : due) {
      if (isThere.test(one.sid())) {
        violation.accept(
            "the runner was never told of frame " + one.seq() + " of session " + one.sid());
      }
    }
  }
}
