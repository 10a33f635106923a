package dev.parley.actor;

import dev.parley.content.JsonText;
import dev.parley.log.Failures;
import dev.parley.log.FieldLog;
import dev.parley.loop.EventLoop;
import dev.parley.session.Command;
import dev.parley.session.Refusal;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import dev.parley.store.Append;
import dev.parley.store.AppendResult;
import dev.parley.store.StoredSession;
import io.smallrye.mutiny.Uni;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One session at work. Lives on one loop; every method is called there.
final class SessionActor {
  private static final FieldLog LOG = FieldLog.of(SessionActor.class);

  private final SessionKey key;
  private final long sid;
  private final World world;
  private final EventLoop loop;
  private final ActorSettings settings;
  private final Milestones milestones;
  private final Mailbox mailbox;
  private final TurnAgent agent;
  private final Ownership ownership;
  private final TurnReports reports;

  /// Read from any thread.
  final Pace pace = new Pace();

  private Phase phase = Phase.LOADING;
  private long epoch;
  private SessionState committed = new SessionState.Absent();
  private @Nullable JsonText checkpoint;
  private int unsnapshotted;

  /// What must be decided before anything else: the session was found with work left over.
  private @Nullable Command mending;

  /// What was to be committed when nobody knows whether it was.
  private @Nullable Draft doubtful;

  private boolean draining;
  private EventLoop.@Nullable Timer idle;

  /// @param gone called once when the actor is one no longer
  SessionActor(
      SessionKey key,
      long sid,
      World world,
      EventLoop loop,
      ActorSettings settings,
      Consumer<SessionActor> gone) {
    this.key = key;
    this.sid = sid;
    this.world = world;
    this.loop = loop;
    this.settings = settings;
    this.milestones = new Milestones(() -> gone.accept(this));
    this.mailbox = new Mailbox(settings.lettersMax(), settings.lettersReserved());
    this.agent = new TurnAgent(key, sid, world, loop, settings, this::work);
    this.ownership = new Ownership(key, sid, world, loop, settings);
    this.reports = new TurnReports(key, sid, world, loop);
  }

  SessionKey key() {
    return key;
  }

  long sid() {
    return sid;
  }

  /// Makes this the session's owner and loads it.
  ///
  /// @param settled called once when that has worked, or has not
  void activate(Runnable settled) {
    milestones.onSettled(settled);
    enter(Phase.LOADING);
    on(
        ownership.claim(),
        loaded -> ready(loaded),
        failure -> {
          Refusal refusal = Letter.refusal(failure);
          if (!(refusal instanceof Refusal.SessionNotFound)) {
            String why = Failures.named(failure);
            LOG.warnf(reports.session(), "Not activated, its callers are told: %s", why);
          }
          leave(refusal);
        });
  }

  /// Takes in what a client wants.
  void receive(Letter letter) {
    if (draining) {
      letter.refuse(Refusal.draining());
      return;
    }
    if (phase == Phase.RECOVERING) {
      letter.refuse(Refusal.unavailable());
      return;
    }
    mailbox.add(letter);
    work();
  }

  private void ready(StoredSession loaded) {
    epoch = loaded.epoch();
    committed = loaded.state();
    checkpoint = loaded.checkpoint();
    unsnapshotted = loaded.unsnapshotted();
    reports.found(committed);
    enter(Phase.READY);
    milestones.settled();
    if (committed instanceof SessionState.Deleted) {
      leave(SessionFailures.notFound(key));
      return;
    }
    boolean leftOver =
        committed instanceof Streaming
            || (committed instanceof Present present && !present.core().queue().isEmpty());
    if (leftOver && world.isClosing()) {
      leave(Refusal.draining());
      return;
    }
    if (leftOver && mending == null) {
      mending = new Command.Recover(agent.cut(committed), world.newTurn(), loop.now());
    }
    work();
  }

  /// Decides everything that is there, in order, on a draft, and commits it once.
  private void work() {
    if (phase != Phase.READY) {
      return;
    }
    if (draining) {
      leave(Refusal.draining());
      return;
    }
    stayAwake();
    reports.deciding();
    Draft draft = new Draft(committed, checkpoint, key, world.decider());
    try {
      decide(draft);
    } catch (RuntimeException defect) {
      LOG.errorf(
          reports.session(),
          defect,
          "The session cannot decide, its callers are told and it is loaded again");
      draft.refuse(SessionFailures.BROKEN);
      leave(SessionFailures.BROKEN);
    }
  }

  private void decide(Draft draft) {
    boolean mended = false;
    if (mending != null) {
      draft.decide(mending);
      mending = null;
      mended = true;
    }
    agent.hear(draft);
    agent.end(draft);
    while (!pace.isLookingUp()) {
      Letter letter = mailbox.poll();
      if (letter == null) {
        break;
      }
      if (world.isClosing()) {
        if (letter.startsTurns()) {
          letter.refuse(Refusal.draining());
          continue;
        }
        if (letter.isNodeStops() && agent.outlives(draft.state())) {
          letter.answer(new Reply.Done(), committed);
          continue;
        }
        letter = letter.startingNone();
      }
      if (draft.decide(letter)) {
        continue;
      }
      if (draft.holdsLetters()) {
        // What those change must be in the store before it is asked.
        mailbox.putBack(letter);
        break;
      }
      lookUp(letter);
    }
    agent.stopUnlessRunning(draft.state());
    if (draft.isEmpty()) {
      draft.answer();
      if (mailbox.isEmpty() || pace.isLookingUp()) {
        sleepLater();
      } else {
        work();
      }
    } else {
      commit(draft, mended);
    }
  }

  private void commit(Draft draft, boolean mended) {
    enter(Phase.COMMITTING);
    int events = unsnapshotted + draft.events().size();
    boolean snapshot = draft.endsAChapter() || events >= settings.snapshotEvents();
    Append append =
        new Append(
            sid,
            epoch,
            world.ids().commit(),
            committed,
            draft.state(),
            draft.events(),
            draft.frames(),
            draft.effects(),
            snapshot,
            snapshot ? draft.checkpoint() : null,
            draft.waitsSinceNanos());
    on(
        world.journal().append(append),
        result -> {
          switch (result) {
            case AppendResult.Applied _ -> applied(append, draft, snapshot ? 0 : events);
            case AppendResult.Refused _ -> refused(draft, mended);
            case AppendResult.Missed _ -> recover(append, draft);
            case AppendResult.Unknown _ -> recover(append, draft);
          }
        },
        failure -> {
          LOG.errorf(reports.session(), failure, "The journal broke its promise");
          recover(append, draft);
        });
  }

  private void applied(Append append, Draft draft, int unsnapshotted) {
    this.unsnapshotted = unsnapshotted;
    committed = append.after();
    checkpoint = draft.checkpoint();
    enter(Phase.READY);
    reports.committed(append, draft);
    agent.committed(draft);
    draft.answer();
    if (committed instanceof SessionState.Deleted) {
      leave(SessionFailures.notFound(key));
      return;
    }
    if (committed instanceof Streaming streaming && !agent.isWorking() && !draining) {
      agent.start(streaming, checkpoint);
    }
    work();
  }

  /// The store refuses what the draft holds: nothing of it happened.
  private void refused(Draft draft, boolean mended) {
    draft.refuse(SessionFailures.NOT_STORED);
    enter(Phase.READY);
    if (mended) {
      LOG.errorf(reports.session(), "The session cannot be mended, its callers are told");
      leave(SessionFailures.NOT_MENDED);
      return;
    }
    if (committed instanceof Streaming streaming) {
      agent.stop();
      mending = failed(streaming, Refusal.Code.AGENT_ERROR, "The answer cannot be stored.", false);
    }
    work();
  }

  /// The commit was not applied, or nobody knows: ask the store, which alone knows the truth.
  private void recover(Append append, Draft draft) {
    if (draining) {
      draft.refuse(Refusal.unavailable());
      leave(Refusal.draining());
      return;
    }
    enter(Phase.RECOVERING);
    doubtful = draft;
    agent.stop();
    mailbox.drain(letter -> letter.refuse(Refusal.unavailable()));
    ownership.reclaim(
        epoch,
        () -> phase == Phase.RECOVERING,
        found -> settled(append, draft, found),
        () -> {
          enter(phase);
          draft.refuse(Refusal.unavailable());
        });
  }

  /// What became of the append, as the store tells it.
  private void settled(Append append, Draft draft, Ownership.Found found) {
    doubtful = null;
    boolean applied =
        found instanceof Ownership.Found.Ours(var loaded)
            && append.commitId().equals(loaded.lastCommit());
    world.journal().settled(append, applied);
    switch (found) {
      case Ownership.Found.Ours(var loaded) -> goOn(loaded, append, draft, applied);
      case Ownership.Found.Taken _ -> {
        LOG.warnf(reports.session(), "The session has another owner, this one goes");
        draft.refuse(Refusal.unavailable());
        leave(Refusal.unavailable());
      }
      case Ownership.Found.Gone _ -> {
        LOG.infof(
            reports.session(), "The session was deleted and its rows are gone, its owner goes");
        draft.refuse(SessionFailures.notFound(key));
        leave(SessionFailures.notFound(key));
      }
    }
  }

  private void goOn(StoredSession loaded, Append append, Draft draft, boolean applied) {
    if (applied) {
      committed = loaded.state();
      reports.committed(append, draft);
      draft.answer();
    } else {
      draft.refuse(Refusal.unavailable());
    }
    if (loaded.state() instanceof Streaming streaming) {
      mending =
          failed(
              streaming,
              Refusal.Code.UNAVAILABLE,
              "The store was away while the answer streamed.",
              true);
    }
    LOG.infof(reports.session(), "The session goes on at epoch %d", loaded.epoch());
    ready(loaded);
  }

  private Command failed(
      Streaming streaming, Refusal.Code code, String message, boolean retryable) {
    return new Command.AgentFailed(
        streaming.turn().turnId(), code, message, retryable, world.following(), loop.now());
  }

  private void lookUp(Letter letter) {
    pace.looksUp(loop.nanoTime());
    on(
        new LookUp(world.store(), sid).complete(letter),
        completed -> {
          pace.hasLookedUp();
          if (phase == Phase.RECOVERING || phase == Phase.GONE) {
            letter.refuse(Refusal.unavailable());
            return;
          }
          mailbox.putBack(completed);
          work();
        },
        failure -> {
          pace.hasLookedUp();
          letter.refuse(Letter.refusal(failure));
          work();
        });
  }

  private void stayAwake() {
    if (idle != null) {
      idle.cancel();
      idle = null;
    }
  }

  private void sleepLater() {
    if (isAtRest()) {
      idle = loop.schedule(settings.idleAfter(), () -> leave(Refusal.unavailable()));
      milestones.rested();
    }
  }

  private boolean isAtRest() {
    boolean quiet = mailbox.isEmpty() && !pace.isLookingUp() && phase == Phase.READY;
    return quiet && !(committed instanceof Streaming) && !agent.isWorking();
  }

  /// Calls back once nothing runs and nothing waits.
  void onRest(Runnable callback) {
    milestones.onRest(callback);
    if (phase == Phase.GONE || isAtRest()) {
      milestones.rested();
    }
  }

  /// Calls back once the actor is one no longer.
  void onGone(Runnable callback) {
    milestones.onGone(callback);
  }

  /// The node stops: the running turn ends before anything else, unless its agent goes on with it
  /// at the next start.
  void stopTurn(Letter nodeStops) {
    if (phase == Phase.RECOVERING || phase == Phase.GONE) {
      nodeStops.refuse(Refusal.unavailable());
    } else {
      mailbox.putBack(nodeStops);
      work();
    }
  }

  /// Ends the actor's work, after the commit that is in flight. The turn that was running is mended
  /// by whoever activates the session next.
  void drain() {
    agent.stop();
    draining = true;
    if (phase != Phase.COMMITTING) {
      leave(Refusal.draining());
    }
  }

  private void enter(Phase next) {
    phase = next;
    pace.enters(next, loop.nanoTime());
  }

  private void leave(Refusal toWhoeverWaits) {
    if (phase == Phase.GONE) {
      return;
    }
    enter(Phase.GONE);
    reports.left();
    stayAwake();
    agent.stop();
    if (doubtful != null) {
      doubtful.refuse(Refusal.unavailable());
    }
    mailbox.drain(letter -> letter.refuse(toWhoeverWaits));
    milestones.gone();
  }

  /// Goes on with the outcome on the loop. What comes for an actor that is gone finds nobody.
  private <T> void on(Uni<T> uni, Consumer<T> item, Consumer<Throwable> failure) {
    uni.subscribe()
        .with(
            value -> loop.execute(() -> item.accept(value)),
            problem -> loop.execute(() -> failure.accept(problem)));
  }
}
