package dev.parley.effect.discrete;

import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.FinishReason;
import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.content.Usage;
import dev.parley.effect.discrete.EffectHandler.Outcome;
import dev.parley.session.Command;
import dev.parley.session.Command.NewTurn;
import dev.parley.session.Decision;
import dev.parley.session.Effect;
import dev.parley.session.Incarnation;
import dev.parley.session.SessionDecider;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import dev.parley.store.Append;
import dev.parley.store.AppendResult;
import dev.parley.store.CommitListener;
import dev.parley.store.EffectInspector.StoredEffect;
import dev.parley.store.EffectQueue;
import dev.parley.store.EncodedFrame;
import dev.parley.store.InMemoryStore;
import dev.parley.store.InMemoryStore.CallFault;
import dev.parley.store.Journal;
import dev.parley.testing.ManualEventLoop;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// Effects between the real journal and a handler that does as it is told, over the store in memory
/// and on a virtual clock.
final class DiscreteWorld {
  static final Duration POLL = Duration.ofMillis(500);
  static final Duration LEASE = Duration.ofSeconds(30);
  static final Duration PAUSE_MIN = Duration.ofSeconds(1);
  static final Duration PAUSE_MAX = Duration.ofMinutes(10);
  static final Duration STOP_WAIT = Duration.ofSeconds(2);
  static final Duration UPKEEP = Duration.ofMinutes(1);
  static final Duration RETENTION = Duration.ofHours(1);
  static final int ATTEMPTS = 5;
  static final int CONCURRENCY = 4;
  static final int SWEEP_SESSIONS = 50;
  static final int READY = 200;

  final ManualEventLoop loop;
  final InMemoryStore store;
  final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  final List<Session> sessions = new ArrayList<>();

  /// The store does not answer.
  boolean away;

  /// What becomes of the next calls, while the store is not away.
  Supplier<CallFault> fault = () -> CallFault.NONE;

  /// How many wakes are lost next.
  int wakesLost;

  private final SessionDecider decider =
      new SessionDecider(new SessionDecider.Limits(32, 4 << 20, 4 << 20), _ -> false);
  private final Journal journal;
  private final List<DiscreteEffects> engines = new ArrayList<>();
  private int count;

  /// One session as its owner knows it.
  static final class Session {
    final SessionKey key;
    final long sid;
    private final long epoch;
    private SessionState state = new SessionState.Absent();

    private Session(SessionKey key, long sid, long epoch) {
      this.key = key;
      this.sid = sid;
      this.epoch = epoch;
    }
  }

  DiscreteWorld() {
    this(new ManualEventLoop());
  }

  DiscreteWorld(ManualEventLoop loop) {
    this.loop = loop;
    store =
        new InMemoryStore(
            loop.sibling(),
            new InMemoryStore.Faults() {
              @Override
              public CallFault call() {
                return away ? CallFault.LOST_BEFORE : fault.get();
              }
            });
    journal =
        new Journal(
            loop.sibling(),
            store,
            new CommitListener() {
              @Override
              public void committed(long sid, List<EncodedFrame> frames) {}

              @Override
              public void effectsCommitted(long sid) {
                if (wakesLost > 0) {
                  wakesLost--;
                } else {
                  engines.forEach(engine -> engine.wake(sid));
                }
              }
            },
            new Journal.Settings(256, 4 << 20, 3));
  }

  /// An engine that is not started. Wakes reach it from now on.
  DiscreteEffects engine(EffectHandler handler) {
    return engine(handler, store.effects());
  }

  DiscreteEffects engine(EffectHandler handler, EffectQueue queue) {
    DiscreteEffects engine =
        new DiscreteEffects(
            queue,
            handler,
            loop.sibling(),
            new Random(1),
            metrics,
            new DiscreteEffects.Settings(
                POLL,
                SWEEP_SESSIONS,
                READY,
                CONCURRENCY,
                LEASE,
                ATTEMPTS,
                PAUSE_MIN,
                PAUSE_MAX,
                STOP_WAIT,
                new Upkeep.Settings(UPKEEP, 10, RETENTION)));
    engines.add(engine);
    return engine;
  }

  /// An engine that has started.
  DiscreteEffects started(EffectHandler handler) {
    DiscreteEffects engine = engine(handler);
    engine.start();
    loop.runUntilIdle();
    return engine;
  }

  /// It hears of nothing any more, as one whose process is gone.
  void deaf(DiscreteEffects engine) {
    engines.remove(engine);
  }

  /// A new session, with these effects.
  Session session(String... names) {
    SessionKey key = new SessionKey("user", "demo", "t" + ++count);
    long sid = await(store.reserve(key));
    Session session = new Session(key, sid, await(store.claim(sid, "node-1")).orElseThrow());
    sessions.add(session);
    append(
        session,
        List.of(),
        new Command.Create(key, new Incarnation("i" + count), null, loop.now()));
    if (names.length > 0) {
      commit(session, names);
    }
    return session;
  }

  /// Commits effects together, with a message that causes them.
  void commit(Session session, String... names) {
    UserMessage message =
        new UserMessage(new MessageId("m-" + ++count), "hello", null, null, loop.now());
    Command.Send send = new Command.Send(message, Command.WhenBusy.QUEUE, null, newTurn());
    if (session.state instanceof SessionState.Streaming) {
      // The queue must not fill up.
      append(session, effects(names), send, new Command.Dequeue(message.id(), loop.now()));
    } else {
      append(session, effects(names), send);
    }
  }

  private static List<Effect> effects(String... names) {
    return Arrays.stream(names)
        .map(name ->
            new Effect(
                name,
                Effect.Kind.CALL_WEBHOOK,
                name,
                new JsonText("{\"turnId\":\"none\",\"messageId\":\"none\"}")))
        .toList();
  }

  /// Lets the session's agent answer a message, with an effect that tells of it.
  ///
  /// @return the id of the answer
  String answer(Session session, String name, String text) {
    NewTurn turn = newTurn();
    append(
        session,
        List.of(),
        new Command.Send(
            new UserMessage(new MessageId("m-" + count), "hello", null, null, loop.now()),
            Command.WhenBusy.QUEUE,
            null,
            turn),
        new Command.AgentOutput(
            turn.turnId(), List.of(new TextDelta("1", text)), null, newTurn(), loop.now()));
    JsonText payload =
        new JsonText(
            "{\"turnId\":\"%s\",\"messageId\":\"%s\"}".formatted(turn.turnId(), turn.answerId()));
    append(
        session,
        List.of(new Effect(name, Effect.Kind.CALL_WEBHOOK, "turn-" + turn.turnId(), payload)),
        new Command.AgentDone(
            turn.turnId(),
            FinishReason.STOP,
            Usage.of(3, 5),
            "model-1",
            null,
            newTurn(),
            loop.now()));
    return turn.answerId().value();
  }

  private NewTurn newTurn() {
    count++;
    return new NewTurn(new TurnId("turn-" + count), new MessageId("answer-" + count));
  }

  private void append(Session session, List<Effect> effects, Command... commands) {
    List<Decision.NumberedEvent> events = new ArrayList<>();
    List<Decision.NumberedFrame> frames = new ArrayList<>();
    SessionState after = session.state;
    for (Command command : commands) {
      Decision.Accepted decided = (Decision.Accepted) decider.decide(session.key, after, command);
      events.addAll(decided.events());
      frames.addAll(decided.frames());
      after = decided.after();
    }
    Append append =
        new Append(
            session.sid,
            session.epoch,
            new UUID(0, ++count),
            session.state,
            after,
            events,
            frames,
            effects,
            false,
            null,
            null);
    if (!(await(journal.append(append)) instanceof AppendResult.Applied)) {
      throw new AssertionError("not applied");
    }
    session.state = after;
  }

  StoredEffect find(String name) {
    return store.effects().peek(name);
  }

  double executed(String outcome) {
    return metrics.get("parley.effects.executed").tag("outcome", outcome).counter().count();
  }

  <T> T await(Uni<T> call) {
    CompletableFuture<T> outcome = call.subscribeAsCompletionStage();
    loop.runUntilIdle();
    if (!outcome.isDone()) {
      throw new AssertionError("there is no outcome");
    }
    return outcome.join();
  }

  static Outcome failed() {
    return new Outcome.Failed("status 500", true);
  }
}
