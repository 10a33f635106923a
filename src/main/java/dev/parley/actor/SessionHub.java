package dev.parley.actor;

import dev.parley.actor.Letter.Answer;
import dev.parley.agent.Agents;
import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
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
import dev.parley.store.EventStore.Unfinished;
import dev.parley.store.Journal;
import dev.parley.store.SessionInfo;
import dev.parley.store.SessionReader;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The door to sessions: every change of one is a command through here.
///
/// Callable from any thread; answers may come on any thread. Every method's `Uni` fails with
/// [RefusedException] only: the refusal says why, and that nothing of the call happened, except for
/// `UNAVAILABLE`, after which the same `clientMessageId` finds out.
public final class SessionHub {
  private static final Logger LOG = Logger.getLogger(SessionHub.class);

  private final SessionActor.World world;
  private final EventLoops loops;
  private final Settings settings;

  /// Each entry is touched on its session's loop only.
  private final Map<Long, SessionActor> actors = new ConcurrentHashMap<>();

  private final Map<SessionKey, Long> sids = new ConcurrentHashMap<>();
  private final AtomicInteger active = new AtomicInteger();

  /// @param activeMax sessions that may be active at once; beyond, calls are refused for a moment
  /// @param mailboxLettersMax commands that may wait at one session
  /// @param mailboxReserved places beside them for interrupts
  /// @param snapshotEvents a snapshot is written at least every so many events
  /// @param historyMessagesMax messages that an agent is given
  /// @param idleAfter how long a session without work stays active
  /// @param retryPauseMin first pause before a lost store is asked again; doubled each time
  /// @param retryPauseMax longest such pause
  /// @param turnBufferMax events between an agent and its session
  /// @param frameBytesMax bytes of what is joined to one frame
  /// @param outputBytesMax bytes that one turn may say
  /// @param agentSilenceMax how long an agent may say nothing while it is wanted to
  /// @param recoveryPage sessions that are looked at together after a start
  public record Settings(
      int activeMax,
      int mailboxLettersMax,
      int mailboxReserved,
      int snapshotEvents,
      int historyMessagesMax,
      Duration idleAfter,
      Duration retryPauseMin,
      Duration retryPauseMax,
      int turnBufferMax,
      int frameBytesMax,
      long outputBytesMax,
      Duration agentSilenceMax,
      int recoveryPage) {

    SessionActor.Settings actor() {
      return new SessionActor.Settings(
          mailboxLettersMax,
          mailboxReserved,
          snapshotEvents,
          historyMessagesMax,
          idleAfter,
          retryPauseMin,
          retryPauseMax,
          new AgentRun.Settings(turnBufferMax, frameBytesMax, outputBytesMax, agentSilenceMax));
    }
  }

  /// @param node this process's name as an owner of sessions
  public SessionHub(
      EventStore store,
      Journal journal,
      SessionDecider decider,
      Agents agents,
      EventLoops loops,
      Ids ids,
      String node,
      Settings settings) {
    this.world = new SessionActor.World(store, journal, decider, agents, ids, node);
    this.loops = loops;
    this.settings = settings;
  }

  /// Creates a session. Not idempotent: a key that exists is refused with `SessionExists`.
  public Uni<SessionInfo> create(SessionKey key, @Nullable String title) {
    return known(key)
        .flatMap(_ -> world.store().reserve(key))
        .flatMap(sid ->
            tell(
                key,
                sid,
                loop ->
                    new Command.Create(key, new Incarnation(world.ids().next()), title, now(sid))))
        .map(answer -> SessionInfo.of((Present) answer.state()))
        .onFailure()
        .transform(SessionReader::refused);
  }

  /// Sends a message: its turn starts, or it waits, or another is stopped for it, as `whenBusy`
  /// says. Idempotent by `clientMessageId`: the same id gets the same answer again, marked as a
  /// duplicate.
  ///
  /// @return [Reply.Started] or [Reply.Queued]
  public Uni<Reply> send(
      SessionKey key,
      String content,
      @Nullable JsonText parts,
      @Nullable ClientMessageId clientMessageId,
      WhenBusy whenBusy) {
    return known(key)
        .flatMap(_ ->
            tell(
                key,
                sid ->
                    new Command.Send(
                        new UserMessage(
                            new MessageId(world.ids().next()),
                            content,
                            parts,
                            clientMessageId,
                            now(sid)),
                        whenBusy,
                        null,
                        world.newTurn())));
  }

  /// Stops the running turn and keeps what it said. Nothing happens when none runs, or another than
  /// `turnId`.
  ///
  /// @param discard what it said leaves history
  /// @return [Reply.Interrupted]
  public Uni<Reply> interrupt(SessionKey key, @Nullable TurnId turnId, boolean discard) {
    return tell(key, sid -> new Command.Interrupt(turnId, discard, world.newTurn(), now(sid)));
  }

  /// Takes a waiting message out of the queue. Idempotent.
  ///
  /// @return [Reply.Dequeued]
  public Uni<Reply> dequeue(SessionKey key, MessageId messageId) {
    return tell(key, sid -> new Command.Dequeue(messageId, now(sid)));
  }

  /// Activates every session that was left with a running turn or a queue, a page at a time, so
  /// that the turns end and the queues go on without a client having to ask.
  public Uni<Void> recoverUnfinished() {
    return recoverAfter(0, 0);
  }

  private Uni<Void> recoverAfter(long sid, int found) {
    return world
        .store()
        .unfinished(sid, settings.recoveryPage())
        .flatMap(page -> {
          page.forEach(this::wake);
          if (page.size() == settings.recoveryPage()) {
            return recoverAfter(page.getLast().sid(), found + page.size());
          }
          LOG.infof("%d unfinished sessions were taken up", found + page.size());
          return Uni.createFrom().voidItem();
        });
  }

  private void wake(Unfinished unfinished) {
    loops
        .of(unfinished.sid())
        .execute(() -> {
          SessionActor _ = actor(unfinished.key(), unfinished.sid());
        });
  }

  private Uni<Reply> tell(SessionKey key, LongFunction<Command> command) {
    return sid(key)
        .flatMap(sid -> tell(key, sid, loop -> command.apply(sid)))
        .map(Answer::reply)
        .onFailure()
        .transform(SessionReader::refused);
  }

  private Uni<Answer> tell(SessionKey key, long sid, LongFunction<Command> command) {
    EventLoop loop = loops.of(sid);
    return Uni.createFrom()
        .emitter(sender ->
            loop.execute(() -> {
              Letter letter = new Letter(command.apply(sid), sender, false);
              if (!actors.containsKey(sid) && active.get() >= settings.activeMax()) {
                letter.refuse(
                    new Refusal.LimitExceeded(
                        "activeSessions",
                        "This node has " + settings.activeMax() + " active sessions.",
                        settings.idleAfter().toMillis()));
              } else {
                actor(key, sid).receive(letter);
              }
            }));
  }

  /// The session's actor; on its loop.
  private SessionActor actor(SessionKey key, long sid) {
    SessionActor present = actors.get(sid);
    if (present != null) {
      return present;
    }
    SessionActor actor =
        new SessionActor(key, sid, world, loops.of(sid), settings.actor(), this::gone);
    actors.put(sid, actor);
    sids.put(key, sid);
    active.incrementAndGet();
    actor.activate();
    return actor;
  }

  private void gone(SessionActor actor) {
    if (actors.remove(actor.sid(), actor)) {
      sids.remove(actor.key());
      active.decrementAndGet();
    }
  }

  private Uni<Long> sid(SessionKey key) {
    Long known = sids.get(key);
    if (known != null) {
      return Uni.createFrom().item(known);
    }
    return world
        .store()
        .find(key)
        .map(sid -> sid.orElseThrow(() -> new RefusedException(new Refusal.SessionNotFound(key))));
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

  /// The sessions that are active on this node at the moment.
  public List<SessionKey> activeSessions() {
    return List.copyOf(sids.keySet());
  }
}
