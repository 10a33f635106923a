package dev.parley.actor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.agent.Agents;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.log.Fields;
import dev.parley.loop.Ids;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Event;
import dev.parley.session.Frame;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.Reply;
import dev.parley.session.SessionDecider;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.TurnId;
import dev.parley.store.Append;
import dev.parley.store.CommitListener;
import dev.parley.store.EncodedFrame;
import dev.parley.store.EventStore;
import dev.parley.store.InMemoryStore;
import dev.parley.store.InMemoryStore.CallFault;
import dev.parley.store.InMemoryStore.CommitFault;
import dev.parley.store.Journal;
import dev.parley.store.PreparedAppend;
import dev.parley.store.json.FrameJson;
import dev.parley.testing.CountedIds;
import dev.parley.testing.ManualEventLoop;
import dev.parley.trace.Incoming;
import dev.parley.trace.MessageTrace;
import dev.parley.trace.OpenTraces;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A hub with the real journal over the store in memory, on a virtual clock: commits can be held
/// back, the store can go wrong, and the process can be started anew.
final class HubWorld {
  static final int MAILBOX = 4;
  static final int RESERVED = 2;
  static final int BUFFER = 4;
  static final int SNAPSHOT_EVENTS = 5;
  static final int FRAME_BYTES = 64 * 1024;
  static final int OUTPUT_BYTES = 4 * 1024 * 1024;
  static final int ACTIVE_MAX = 100;
  static final Duration IDLE_AFTER = Duration.ofSeconds(60);
  static final Duration RECOVERY_INTERVAL = Duration.ofSeconds(10);
  static final Duration SILENCE = Duration.ofSeconds(30);
  static final Duration APPROVAL_WAIT = Duration.ofMinutes(5);

  final ManualEventLoop loop;
  final ScriptedAgent agent = new ScriptedAgent();

  /// Those of the hub that was started last.
  MeterRegistry metrics = new SimpleMeterRegistry();

  /// Of the messages of [#send], those that are over.
  final List<MessageTrace> traced = new ArrayList<>();

  final Faults faults = new Faults();
  final InMemoryStore store;

  /// Every append that went to the store, whatever became of it.
  final List<Append> appends = new ArrayList<>();

  private final Map<Long, SessionState> inMemory = new HashMap<>();

  private final Map<SessionKey, Long> sids = new HashMap<>();
  private final Map<Long, Long> toldHeads = new HashMap<>();
  private final Map<SessionKey, Instant> toldChanges = new HashMap<>();
  private final List<String> violations = new ArrayList<>();
  private final Deque<Runnable> held = new ArrayDeque<>();
  private final Ids ids = new CountedIds();
  private final ManualEventLoop journalLoop;
  private int outputBytesMax = OUTPUT_BYTES;

  /// What becomes of turns whose node is lost.
  Agents.OnCrash onCrash = Agents.OnCrash.INTERRUPT;

  /// Whether a webhook is to be called about completed turns.
  boolean announced;

  private int bufferMax = BUFFER;
  private int joinedBytesMax = FRAME_BYTES;
  private boolean holding;
  private int nodes;
  private int mailboxMax = MAILBOX;
  private UserLimits limits = new UserLimits(UserLimits.Settings.NONE, () -> 0);
  private SessionHub hub;

  HubWorld() {
    this(new ManualEventLoop());
  }

  HubWorld(ManualEventLoop loop) {
    this.loop = loop;
    this.store = new InMemoryStore(loop.sibling(), faults);
    this.journalLoop = loop.sibling();
    this.hub = startedHub(store);
  }

  /// What goes wrong next.
  static final class Faults implements InMemoryStore.Faults {
    final Deque<CommitFault> commits = new ArrayDeque<>();
    final Deque<CallFault> calls = new ArrayDeque<>();
    boolean away;
    Duration delay = Duration.ZERO;

    @Override
    public Duration delay() {
      return delay;
    }

    @Override
    public CommitFault commit(List<PreparedAppend> batch) {
      CommitFault next = Objects.requireNonNullElse(commits.poll(), CommitFault.NONE);
      return away ? CommitFault.LOST_BEFORE : next;
    }

    @Override
    public CallFault call() {
      CallFault next = Objects.requireNonNullElse(calls.poll(), CallFault.NONE);
      return away ? CallFault.LOST_BEFORE : next;
    }
  }

  /// A call and what came of it.
  static final class Asked<T> {
    private @Nullable T reply;
    private @Nullable Throwable failure;

    boolean isOpen() {
      return reply == null && failure == null;
    }

    T reply() {
      assertThat(failure).isNull();
      assertThat(reply).as("an answer").isNotNull();
      return Objects.requireNonNull(reply);
    }

    boolean isRefused() {
      return failure != null;
    }

    Refusal refusal() {
      assertThat(failure).isInstanceOf(RefusedException.class);
      return ((RefusedException) Objects.requireNonNull(failure)).refusal();
    }

    Refusal.Code code() {
      assertThat(refusal()).isInstanceOf(Refusal.Failed.class);
      return ((Refusal.Failed) refusal()).code();
    }
  }

  SessionHub hub() {
    return hub;
  }

  /// Another process over the same store; the one before lives on and knows nothing of it.
  void restart() {
    hub = startedHub(store);
  }

  /// As [#restart], with a store that is seen through something.
  void restart(UnaryOperator<EventStore> through) {
    hub = startedHub(through.apply(store));
  }

  /// As [#restart], with another bound on what a turn may say.
  void restartWithOutputMax(int bytes) {
    outputBytesMax = bytes;
    restart();
  }

  /// As [#restart], with another bound on what waits between agent and session.
  void restartWithBuffer(int events) {
    bufferMax = events;
    restart();
  }

  /// As [#restart], with another bound on what is joined.
  void restartWithJoined(int bytes) {
    joinedBytesMax = bytes;
    restart();
  }

  /// As [#restart], with another bound on the commands that wait.
  void restartWithMailbox(int letters) {
    mailboxMax = letters;
    restart();
  }

  /// From now on users may not do as they like.
  void restartWithLimits(UserLimits.Settings settings) {
    limits = new UserLimits(settings, loop::nanoTime);
    restart();
  }

  private SessionHub startedHub(EventStore seen) {
    metrics = new SimpleMeterRegistry();
    Journal journal =
        new Journal(journalLoop, this::commit, new Told(), new Journal.Settings(256, 4 << 20, 3));
    return new SessionHub(
        seen,
        journal,
        new SessionDecider(new SessionDecider.Limits(32, 4 << 20, outputBytesMax), _ -> announced),
        new Agents(Map.of("scripted", new Agents.Hosted(agent, onCrash))),
        _ -> loop,
        ids,
        "node-" + ++nodes,
        metrics,
        new OpenTraces(loop::nanoTime, traced::add),
        new HubSettings(
            ACTIVE_MAX,
            mailboxMax,
            RESERVED,
            SNAPSHOT_EVENTS,
            200,
            1 << 20,
            APPROVAL_WAIT,
            IDLE_AFTER,
            Duration.ofMillis(100),
            Duration.ofSeconds(2),
            bufferMax,
            FRAME_BYTES,
            joinedBytesMax,
            outputBytesMax,
            SILENCE,
            2,
            RECOVERY_INTERVAL),
        limits);
  }

  /// Commits are held back from now on.
  void hold() {
    holding = true;
  }

  /// Lets held commits go, and runs what comes of it.
  void release() {
    holding = false;
    while (!held.isEmpty()) {
      held.remove().run();
    }
    loop.runUntilIdle();
  }

  private Uni<Set<Long>> commit(List<PreparedAppend> batch) {
    batch.forEach(each -> appends.add(each.append()));
    return Uni.createFrom()
        .<Set<Long>>emitter(emitter -> {
          Runnable go =
              () -> store.commit(batch).subscribe().with(emitter::complete, emitter::fail);
          if (holding) {
            held.add(go);
          } else {
            go.run();
          }
        })
        .invoke(applied ->
            batch.stream()
                .map(PreparedAppend::append)
                .filter(append -> applied.contains(append.sid()))
                .forEach(append -> inMemory.put(append.sid(), append.after())))
        .onFailure()
        .invoke(_ -> batch.forEach(each -> inMemory.remove(each.append().sid())));
  }

  /// What listens to the journal of every process: is told of frames that are stored only.
  private final class Told implements CommitListener {
    @Override
    public void committed(long sid, List<EncodedFrame> frames) {
      List<String> stored = store.frames(sid);
      for (EncodedFrame frame : frames) {
        if (stored.size() < frame.seq()
            || !stored.get((int) frame.seq() - 1).equals(frame.json())) {
          violations.add("frame " + frame.seq() + " was told before it was stored");
        }
        toldHeads.merge(sid, frame.seq(), Math::max);
      }
    }

    @Override
    public void changed(SessionKey key, Instant at) {
      toldChanges.put(key, at);
    }
  }

  SessionKey created(String thread) {
    SessionKey key = new SessionKey("user", "scripted", thread);
    assertThat(done(hub.create(key, null)).reply().key()).isEqualTo(key);
    sids.put(key, done(store.find(key)).reply().orElseThrow());
    return key;
  }

  /// What a call came to once nothing is left to do at this moment.
  <T> Asked<T> done(Uni<T> call) {
    Asked<T> asked = ask(call);
    loop.runUntilIdle();
    return asked;
  }

  /// Makes a call and runs nothing.
  <T> Asked<T> ask(Uni<T> call) {
    Asked<T> asked = new Asked<>();
    ask(asked, call);
    return asked;
  }

  /// Makes a call whose outcome is noted there.
  <T> void ask(Asked<T> asked, Uni<T> call) {
    call.subscribe()
        .with(
            reply -> {
              notAnswered(asked);
              asked.reply = reply;
              if (reply instanceof Reply answer) {
                mustBeStored(answer);
              }
            },
            failure -> {
              notAnswered(asked);
              asked.failure = failure;
            });
  }

  Uni<Reply> send(SessionKey key, String content) {
    return hub.send(key, content, null, null, WhenBusy.QUEUE, incoming());
  }

  Uni<Reply> send(SessionKey key, String content, String clientMessageId) {
    return hub.send(
        key, content, null, new ClientMessageId(clientMessageId), WhenBusy.QUEUE, incoming());
  }

  Incoming incoming() {
    return new Incoming(Fields.NONE, null, loop.nanoTime());
  }

  /// A turn that has begun and spoken its first word; the agent's own words follow.
  TurnId started(SessionKey key, String content) {
    Reply reply = done(send(key, content)).reply();
    assertThat(reply).isInstanceOf(Reply.Started.class);
    agent.last().begin();
    loop.runUntilIdle();
    return ((Reply.Started) reply).turnId();
  }

  private void notAnswered(Asked<?> asked) {
    if (!asked.isOpen()) {
      violations.add("a call was answered twice");
    }
  }

  private void mustBeStored(Reply reply) {
    List<Event> events = sids.keySet().stream().flatMap(key -> events(key).stream()).toList();
    boolean stored =
        switch (reply) {
          case Reply.Done _ -> true;
          case Reply.Started started ->
              events.stream()
                  .anyMatch(e ->
                      (e instanceof Event.TurnStarted turn
                              && turn.turnId().equals(started.turnId())
                              && turn.message().id().equals(started.messageId()))
                          || (e instanceof Event.TurnRegenerated again
                              && again.turnId().equals(started.turnId())
                              && again.message().id().equals(started.messageId())));
          case Reply.Queued queued ->
              events.stream()
                  .anyMatch(e ->
                      e instanceof Event.MessageQueued waits
                          && waits.message().id().equals(queued.message().id()));
          case Reply.Interrupted stopped ->
              stopped.turnId() == null
                  || events.stream()
                      .anyMatch(e ->
                          e instanceof Event.TurnEnded turn
                              && turn.turnId().equals(stopped.turnId()));
          case Reply.Dequeued _, Reply.Acknowledged _ -> true;
        };
    if (!stored) {
      violations.add("answered and not stored: " + reply);
    }
  }

  long sid(SessionKey key) {
    return Objects.requireNonNull(sids.get(key));
  }

  List<Event> events(SessionKey key) {
    return store.events(sid(key));
  }

  List<Frame> frames(SessionKey key) {
    return store.frames(sid(key)).stream().map(FrameJson::decode).toList();
  }

  /// The deltas of all turns, frame by frame.
  List<String> deltas(SessionKey key) {
    return frames(key).stream()
        .filter(f -> f instanceof Frame.StreamEvent(var _, var said) && said instanceof TextDelta)
        .map(f -> ((TextDelta) ((Frame.StreamEvent) f).event()).delta())
        .toList();
  }

  /// How the last turn that is over ended.
  Event.TurnEnded ended(SessionKey key) {
    return (Event.TurnEnded)
        events(key).reversed().stream()
            .filter(e -> e instanceof Event.TurnEnded)
            .findFirst()
            .orElseThrow(() -> new AssertionError("no turn has ended"));
  }

  /// The session as the store has it.
  SessionState stored(SessionKey key) {
    return done(store.load(sid(key))).reply().state();
  }

  /// What must hold after every test, with the store back: what was answered and told is stored,
  /// what is stored was told, the fold of what is stored is the state in memory, and every turn
  /// ends once and then is silent.
  void check() {
    faults.away = false;
    faults.calls.clear();
    assertThat(violations).isEmpty();
    for (SessionKey key : sids.keySet()) {
      SessionState stored = stored(key);
      SessionState mine = inMemory.get(sid(key));
      if (mine != null) {
        assertThat(stored).as("the fold of what is stored of %s", key).isEqualTo(mine);
      }
      assertThat(stored.frameSeq()).isEqualTo(frames(key).size());
      checkTold(key, stored);
      checkTurns(key);
    }
  }

  /// Every wake came: whoever listens knows of the last frame and of the last change.
  private void checkTold(SessionKey key, SessionState stored) {
    assertThat(toldHeads.getOrDefault(sid(key), 0L)).isEqualTo(stored.frameSeq());
    switch (stored) {
      case SessionState.Present present ->
          assertThat(toldChanges.get(key)).isEqualTo(present.core().lastActivityAt());
      case SessionState.Deleted deleted -> assertThat(toldChanges.get(key)).isEqualTo(deleted.at());
      case SessionState.Absent _ -> assertThat(toldChanges).doesNotContainKey(key);
    }
  }

  private void checkTurns(SessionKey key) {
    Set<TurnId> ended = new HashSet<>();
    for (Event event : events(key)) {
      if (event instanceof Event.TurnEnded turn) {
        assertThat(ended.add(turn.turnId())).as("%s ends once", turn.turnId()).isTrue();
      }
    }
    Set<TurnId> stopped = new HashSet<>();
    for (Frame frame : frames(key)) {
      switch (frame) {
        case Frame.SessionStopped stop -> assertThat(stopped.add(stop.turnId())).isTrue();
        case Frame.StreamEvent said -> assertThat(stopped).doesNotContain(said.turnId());
        case Frame.UserMessage _ -> {}
        case Frame.SessionStarted _ -> {}
        case Frame.MessageQueued _ -> {}
        case Frame.MessageDequeued _ -> {}
        case Frame.MessagesDiscarded _ -> {}
        case Frame.SessionRenamed _ -> {}
        case Frame.SessionDeleted _ -> {}
      }
    }
    assertThat(stopped).isEqualTo(ended);
  }
}
