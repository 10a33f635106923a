package dev.parley.actor;

import dev.parley.actor.Letter.Answer;
import dev.parley.agent.Agents;
import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.log.Failures;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.loop.EventLoops;
import dev.parley.loop.Ids;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Incarnation;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.Reply;
import dev.parley.session.SessionDecider;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState.Present;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import dev.parley.store.EventStore;
import dev.parley.store.Journal;
import dev.parley.store.SessionInfo;
import dev.parley.store.SessionReader;
import dev.parley.trace.Incoming;
import dev.parley.trace.Traces;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// The door to sessions: every change of one is a command through here.
///
/// Callable from any thread; answers may come on any thread. Every method's `Uni` fails with
/// [RefusedException] only: the refusal says why, and that nothing of the call happened, except for
/// `UNAVAILABLE`, after which the same `clientMessageId` finds out.
public final class SessionHub {
  private static final FieldLog LOG = FieldLog.of(SessionHub.class);

  /// How often a key may be deleted under the hands of one that creates it.
  private static final int CREATE_RETRIES_MAX = 3;

  private final World world;
  private final EventLoops loops;
  private final HubSettings settings;
  private final Actors actors;
  private final UserLimits limits;

  /// @param node this process's name as an owner of sessions
  /// @param traces hears of messages
  /// @param limits those of each user
  public SessionHub(
      EventStore store,
      Journal journal,
      SessionDecider decider,
      Agents agents,
      EventLoops loops,
      Ids ids,
      String node,
      MeterRegistry metrics,
      Traces traces,
      HubSettings settings,
      UserLimits limits) {
    this.limits = limits;
    this.world =
        new World(
            store,
            journal,
            decider,
            agents,
            ids,
            node,
            new AtomicBoolean(),
            new ActorMeters(metrics),
            traces);
    this.loops = loops;
    this.settings = settings;
    this.actors =
        new Actors(world, loops, settings.activeMax(), settings.idleAfter(), settings.actor());
    Gauge.builder("parley.sessions.active", this, hub -> hub.activeSessions().size())
        .description("Sessions with an actor on this node")
        .register(metrics);
    Gauge.builder("parley.sessions.active.max", settings::activeMax)
        .description("Sessions that may have an actor on this node")
        .register(metrics);
  }

  /// Creates a session. Not idempotent: a key that exists is refused with `SessionExists`.
  public Uni<SessionInfo> create(SessionKey key, @Nullable String title) {
    return known(key)
        .flatMap(_ -> room(key))
        .flatMap(_ -> world.store().reserve(key))
        .flatMap(sid ->
            actors.tell(
                key,
                sid,
                () -> new Command.Create(key, new Incarnation(world.ids().next()), title, now(sid)),
                null))
        // The one that had the key was deleted just now: the key is free.
        .onFailure(RefusedException::isSessionNotFound)
        .retry()
        .atMost(CREATE_RETRIES_MAX)
        .map(SessionHub::info)
        .onFailure()
        .transform(SessionReader::refused);
  }

  /// Done when the user may have one session more. Several that are created at the same moment see
  /// the same number.
  private Uni<Void> room(SessionKey key) {
    int max = limits.sessionsMax();
    if (max == 0) {
      return Uni.createFrom().voidItem();
    }
    return world
        .store()
        .hasSessions(key.userId(), max)
        .flatMap(full ->
            full
                // one that exists is told of, as ever
                ? world.store().find(key).map(OptionalLong::isPresent)
                : Uni.createFrom().item(true))
        .invoke(room -> {
          if (!room) {
            throw limits.tooManySessions();
          }
        })
        .replaceWithVoid();
  }

  /// Creates the session unless there is one. Idempotent.
  public Uni<Void> ensure(SessionKey key) {
    return create(key, null)
        .replaceWithVoid()
        .onFailure(failure ->
            failure instanceof RefusedException refused
                && refused.refusal() instanceof Refusal.SessionExists)
        .recoverWithItem((Void) null);
  }

  /// Gives the session a title. Idempotent.
  public Uni<SessionInfo> rename(SessionKey key, String title) {
    return ask(key, sid -> new Command.Rename(title, now(sid))).map(SessionHub::info);
  }

  /// Counts as activity of the session.
  public Uni<SessionInfo> touch(SessionKey key) {
    return ask(key, sid -> new Command.Touch(now(sid))).map(SessionHub::info);
  }

  /// Stops the running turn, tells every subscriber and ends the session: its key is free, and what
  /// is stored of it goes in the background. Idempotent.
  ///
  /// @return whether there was one
  public Uni<Boolean> delete(SessionKey key) {
    return ask(key, sid -> new Command.Delete(now(sid)))
        .replaceWith(true)
        .onFailure(RefusedException::isSessionNotFound)
        .recoverWithItem(false);
  }

  private static SessionInfo info(Answer answer) {
    return SessionInfo.of((Present) answer.state());
  }

  /// Sends a message: its turn starts, or it waits, or another is stopped for it, as `whenBusy`
  /// says. Idempotent by `clientMessageId`: the same id gets the same answer again, marked as a
  /// duplicate.
  ///
  /// @param incoming how it came in, for who traces messages; absent: nobody knows
  /// @return [Reply.Started] or [Reply.Queued]
  public Uni<Reply> send(
      SessionKey key,
      String content,
      @Nullable JsonText parts,
      @Nullable ClientMessageId clientMessageId,
      WhenBusy whenBusy,
      @Nullable Incoming incoming) {
    return sent(
        key,
        incoming,
        sid ->
            new Command.Send(
                new UserMessage(
                    new MessageId(world.ids().next()), content, parts, clientMessageId, now(sid)),
                whenBusy,
                null,
                world.newTurn()));
  }

  /// Tells the session what its user says, unless he has said too much of late.
  private Uni<Reply> sent(
      SessionKey key, @Nullable Incoming incoming, LongFunction<Command> command) {
    Uni<Reply> reply =
        known(key)
            .invoke(() -> limits.send(key.userId()))
            .flatMap(_ -> ask(key, command, incoming))
            .map(Answer::reply);
    return incoming == null
        ? reply
        : reply.onFailure(RefusedException.class).invoke(e -> refused(key, incoming, e));
  }

  private void refused(SessionKey key, Incoming incoming, Throwable failure) {
    // a client may find out so that there is none, and make it
    if (failure instanceof RefusedException refused
        && !RefusedException.isSessionNotFound(refused)) {
      world.traces().refused(key, incoming, refused.refusal());
    }
  }

  /// What an edited message says.
  ///
  /// @param parts what it has beside its content
  public record Edit(String content, @Nullable JsonText parts) {}

  /// Answers a message of history again, or what it was edited to; what came after it is discarded,
  /// the running turn included. Idempotent by `clientMessageId`, as a send.
  ///
  /// @param messageId the message, or the answer to it; absent: the user's newest
  /// @param edit what stands in its place; absent: the message as it is
  /// @param incoming as with a send
  /// @return [Reply.Started]
  public Uni<Reply> regenerate(
      SessionKey key,
      @Nullable MessageId messageId,
      @Nullable Edit edit,
      @Nullable ClientMessageId clientMessageId,
      @Nullable Incoming incoming) {
    return sent(
        key,
        incoming,
        sid -> {
          Instant at = now(sid);
          UserMessage edited =
              edit == null
                  ? null
                  : new UserMessage(
                      new MessageId(world.ids().next()),
                      edit.content(),
                      edit.parts(),
                      clientMessageId,
                      at);
          return new Command.Regenerate(
              messageId, null, edited, clientMessageId, null, world.newTurn(), at);
        });
  }

  /// Stops the running turn and keeps what it said. Nothing happens when none runs, or another than
  /// `turnId`.
  ///
  /// @param discard what it said leaves history
  /// @return [Reply.Interrupted]
  public Uni<Reply> interrupt(SessionKey key, @Nullable TurnId turnId, boolean discard) {
    return tell(key, sid -> new Command.Interrupt(turnId, discard, world.following(), now(sid)));
  }

  /// Answers a request for approval of the running turn; the first answer holds. Idempotent.
  ///
  /// @param reason for the agent to know; absent: none is given
  /// @return [Reply.Acknowledged]
  public Uni<Reply> respond(
      SessionKey key, String approvalId, boolean approved, @Nullable String reason) {
    return tell(key, sid -> new Command.Approve(approvalId, approved, reason, now(sid)));
  }

  /// Takes a waiting message out of the queue. Idempotent.
  ///
  /// @return [Reply.Dequeued]
  public Uni<Reply> dequeue(SessionKey key, MessageId messageId) {
    return tell(key, sid -> new Command.Dequeue(messageId, now(sid)));
  }

  /// Takes up the sessions that were left with a running turn or a queue, now and at every
  /// interval, so that turns end and queues go on without a client having to ask, also when an
  /// activation failed. Those that are active already are left alone.
  ///
  /// @param loop for the timer
  public void start(EventLoop loop) {
    recoverAfter(0, 0)
        .subscribe()
        .with(
            found -> {
              LOG.debugf(Fields.NONE, "%d unfinished sessions were seen", found);
              loop.execute(() -> again(loop));
            },
            failure -> {
              LOG.warnf(
                  Fields.NONE,
                  "Unfinished sessions were not all taken up, next attempt in %s: %s",
                  settings.recoveryInterval(),
                  Failures.named(failure));
              loop.execute(() -> again(loop));
            });
  }

  private void again(EventLoop loop) {
    if (!world.isClosing()) {
      EventLoop.Timer _ = loop.schedule(settings.recoveryInterval(), () -> start(loop));
    }
  }

  /// From now on no turn starts: sends are refused with `DRAINING`, and what waits in a queue stays
  /// there. Turns that run go on, and can be interrupted.
  ///
  /// @return done when no turn runs any more
  public Uni<Void> close() {
    return actors.close();
  }

  /// Ends the turns that run, after [#close]: what was said is kept. Those whose agents go on after
  /// the next start are left for it.
  ///
  /// @return done when their ends are committed, or when the store is away and the next start has
  ///   to mend them
  public Uni<Void> stopTurns() {
    return actors.stopTurns();
  }

  /// Refuses what comes from now on with `DRAINING`, stops all agents, and is done when no commit
  /// is in flight any more. Turns that were running are mended by the next start.
  public Uni<Void> drain() {
    return actors.drain();
  }

  /// The sessions found from the one after `sid` on, a page at a time: the next page is read when
  /// all of this one are active, so that a long list does not exhaust the store.
  private Uni<Integer> recoverAfter(long sid, int found) {
    return world
        .store()
        .unfinished(sid, settings.recoveryPage())
        .flatMap(page -> {
          int all = found + page.size();
          if (page.isEmpty()) {
            return Uni.createFrom().item(all);
          }
          return Uni.join()
              .all(page.stream().map(actors::wake).toList())
              .andFailFast()
              .flatMap(_ -> recoverAfter(page.getLast().sid(), all));
        });
  }

  private Uni<Reply> tell(SessionKey key, LongFunction<Command> command) {
    return ask(key, command).map(Answer::reply);
  }

  private Uni<Answer> ask(SessionKey key, LongFunction<Command> command) {
    return ask(key, command, null);
  }

  private Uni<Answer> ask(
      SessionKey key, LongFunction<Command> command, @Nullable Incoming incoming) {
    return actors
        .sid(key)
        .flatMap(sid -> actors.tell(key, sid, () -> command.apply(sid), incoming))
        .onFailure()
        .transform(SessionReader::refused);
  }

  private Uni<SessionKey> known(SessionKey key) {
    return world.agents().find(key.agentId()) == null
        ? Uni.createFrom()
            .failure(
                new RefusedException(
                    new Refusal.Failed(
                        Refusal.Code.AGENT_UNKNOWN,
                        "This node runs no agent of that name.",
                        false)))
        : Uni.createFrom().item(key);
  }

  private Instant now(long sid) {
    return loops.of(sid).now();
  }

  /// The sessions that have waited for an answer of the store for longer than that, which none of
  /// them should: each answer is given up sooner. From any thread, and without a word with the
  /// sessions' loops.
  ///
  /// @param nanos now, by the loops' clock
  public List<Stuck> stuck(Duration limit, long nanos) {
    return actors.stuck(limit, nanos);
  }

  /// A session that does not go on.
  public record Stuck(SessionKey key, Duration since) {}

  /// The sessions that are active on this node at the moment.
  public List<SessionKey> activeSessions() {
    return actors.keys();
  }
}
