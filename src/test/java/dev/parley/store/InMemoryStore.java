package dev.parley.store;

import dev.parley.content.MessageId;
import dev.parley.content.Utf8;
import dev.parley.loop.EventLoop;
import dev.parley.session.ChatMessage;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command.Regenerate;
import dev.parley.session.Event;
import dev.parley.session.SendReceipt;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.store.json.EventJson;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The store without a database: the same rows, encoded and decoded by the same code, behind the
/// same ports. Everything happens on its loop, so that on a virtual clock every run repeats; what
/// goes wrong, and how long things take, is decided by [Faults].
///
/// By [#connected] several processes share the rows. What one of them has sent arrives also when it
/// dies meanwhile, and its answers find nobody.
public final class InMemoryStore implements EventStore, ColdReads, Outbox, Spending, CommitLane {
  private static final int PAGE_FRAMES_MAX = 64;
  private static final int PAGE_BYTES_MAX = 64 * 1024;

  private final EventLoop server;
  private final EventLoop client;
  private final Faults faults;
  private final Witness witness;
  private final SessionFold fold = new SessionFold(this, PAGE_FRAMES_MAX, PAGE_BYTES_MAX);
  private final Map<SessionKey, Long> sids;
  private final NavigableMap<Long, Rows> sessions;
  private final Map<Long, Long> deliveries;
  private final NavigableMap<LocalDate, Map<String, Long>> tokens;
  private final AtomicLong reserved;
  private final InMemoryEffects effects;

  /// What goes wrong. Asked once for each call, when it arrives at the store.
  public interface Faults {
    Faults NONE = new Faults() {};

    default CommitFault commit(List<PreparedAppend> batch) {
      return CommitFault.NONE;
    }

    default CallFault call() {
      return CallFault.NONE;
    }

    /// How long the way to the store takes, and the way back.
    default Duration delay() {
      return Duration.ZERO;
    }

    /// How long after its caller was told so a [CommitFault#LATE] commit arrives.
    default Duration lateness() {
      return Duration.ofSeconds(1);
    }

    /// Whether another statement holds this session's head at the moment: a commit leaves it out.
    default boolean isLocked(long sid) {
      return false;
    }

    /// A store that is broken does not ask who owns a session.
    default boolean asksForOwner() {
      return true;
    }
  }

  /// Is told of what becomes durable at the moment it does.
  public interface Witness {
    Witness NONE = new Witness() {};

    default void claimed(long sid, String node, long epoch) {}

    default void applied(PreparedAppend append) {}
  }

  /// What may become of a commit.
  public enum CommitFault {
    NONE,
    /// Lost on the way there: nothing is written, and the caller cannot know.
    LOST_BEFORE,
    /// The answer is lost: all is written, and the caller cannot know.
    LOST_AFTER,
    /// Given up by its caller and still on its way: it is tried later.
    LATE,
    /// Lost a race in the server: nothing is written, and the caller is told.
    RETRY
  }

  /// What may become of any other call.
  public enum CallFault {
    NONE,
    /// The store is away.
    LOST_BEFORE,
    /// It did what it was asked to, and the answer is lost.
    LOST_AFTER
  }

  /// What is stored of one session.
  static final class Rows {
    final SessionKey key;
    final List<StoredEvent> events = new ArrayList<>();
    final NavigableMap<Long, String> frames = new TreeMap<>();
    final Map<String, Projection.TurnRow> turns = new LinkedHashMap<>();
    final Map<String, Projection.MessageRow> messages = new LinkedHashMap<>();
    final Map<String, Projection.SendRow> sends = new LinkedHashMap<>();

    /// Turns whose frames are gone.
    final Set<String> emptied = new HashSet<>();

    @Nullable Instant deletedAt;

    /// Whether there is a head: without one nobody can claim, commit or read it.
    boolean isHeaded = true;

    private @Nullable String owner;
    private long epoch;
    long eventSeq;
    long frameSeq;
    private @Nullable UUID lastCommit;
    @Nullable String snapshot;
    @Nullable String checkpoint;
    long snapshotSeq;
    SessionState.@Nullable Present listed;

    Rows(SessionKey key) {
      this.key = key;
    }

    void apply(PreparedAppend prepared) {
      Append append = prepared.append();
      eventSeq = append.after().eventSeq();
      frameSeq = append.after().frameSeq();
      lastCommit = append.commitId();
      events.addAll(prepared.events());
      prepared.frames().forEach(frame -> frames.put(frame.seq(), frame.json()));
      Projection projection = prepared.projection();
      projection.turns().forEach(turn -> turns.put(turn.turnId().value(), turn));
      Long discardedFrom = projection.discardedFrom();
      if (discardedFrom != null) {
        messages.replaceAll((_, row) -> row.discardedFrom(discardedFrom));
      }
      projection.messages().forEach(message -> messages.put(message.id().value(), message));
      projection.sends().forEach(send -> sends.put(send.id().value(), send));
      if (prepared.snapshot() != null) {
        snapshot = prepared.snapshot();
        snapshotSeq = append.after().eventSeq();
        checkpoint = prepared.checkpoint();
      }
      switch (append.after()) {
        case SessionState.Present present when !prepared.events().isEmpty() -> listed = present;
        case SessionState.Deleted deleted -> {
          listed = null;
          deletedAt = deleted.at();
        }
        default -> {}
      }
    }
  }

  /// @param loop everything happens on it
  public InMemoryStore(EventLoop loop, Faults faults) {
    this(loop, faults, Witness.NONE);
  }

  public InMemoryStore(EventLoop loop, Faults faults, Witness witness) {
    this(
        loop,
        loop,
        faults,
        witness,
        new HashMap<>(),
        new TreeMap<>(),
        new HashMap<>(),
        new TreeMap<>(),
        new AtomicLong(),
        null);
  }

  private InMemoryStore(
      EventLoop server,
      EventLoop client,
      Faults faults,
      Witness witness,
      Map<SessionKey, Long> sids,
      NavigableMap<Long, Rows> sessions,
      Map<Long, Long> deliveries,
      NavigableMap<LocalDate, Map<String, Long>> tokens,
      AtomicLong reserved,
      @Nullable InMemoryEffects effects) {
    this.server = server;
    this.client = client;
    this.faults = faults;
    this.witness = witness;
    this.sids = sids;
    this.sessions = sessions;
    this.deliveries = deliveries;
    this.tokens = tokens;
    this.reserved = reserved;
    this.effects = effects == null ? new InMemoryEffects(this::call, server) : effects;
  }

  /// The same rows as another process sees them.
  ///
  /// @param client where this one's answers come
  /// @param faults what goes wrong for this one
  public InMemoryStore connected(EventLoop client, Faults faults) {
    return new InMemoryStore(
        server, client, faults, witness, sids, sessions, deliveries, tokens, reserved, effects);
  }

  /// The discrete effects of this store.
  public InMemoryEffects effects() {
    return effects;
  }

  @Override
  public Uni<OptionalLong> find(SessionKey key) {
    return call(() -> {
      Long sid = sids.get(key);
      return sid == null ? OptionalLong.empty() : OptionalLong.of(sid);
    });
  }

  @Override
  public Uni<Boolean> hasSessions(String userId, int count) {
    return call(
        () -> sids.keySet().stream().filter(key -> key.userId().equals(userId)).count() >= count);
  }

  @Override
  public Uni<Long> reserve(SessionKey key) {
    return call(() ->
        sids.computeIfAbsent(
            key,
            _ -> {
              long sid = reserved.incrementAndGet();
              sessions.put(sid, new Rows(key));
              return sid;
            }));
  }

  @Override
  public Uni<OptionalLong> claim(long sid, String node) {
    return call(() -> {
      Rows rows = headed(sid);
      return rows == null ? OptionalLong.empty() : OptionalLong.of(own(sid, node));
    });
  }

  @Override
  public Uni<OptionalLong> reclaim(long sid, String node, long epoch) {
    return call(() -> {
      Rows rows = headed(sid);
      return rows != null && node.equals(rows.owner) && rows.epoch >= epoch
          ? OptionalLong.of(own(sid, node))
          : OptionalLong.empty();
    });
  }

  private long own(long sid, String node) {
    Rows rows = rows(sid);
    rows.owner = node;
    rows.epoch++;
    witness.claimed(sid, node, rows.epoch);
    return rows.epoch;
  }

  @Override
  public Uni<StoredSession> load(long sid) {
    return read(sid, true);
  }

  @Override
  public Uni<StoredSession> loadHead(long sid) {
    return read(sid, false);
  }

  private Uni<StoredSession> read(long sid, boolean withOutput) {
    return call(() -> Optional.ofNullable(headed(sid)).map(rows -> stored(sid, rows)))
        .flatMap(stored ->
            stored.isEmpty()
                ? Uni.createFrom().item(StoredSession.gone(sid))
                : fold.fold(stored.get(), withOutput));
  }

  private static SessionFold.Rows stored(long sid, Rows rows) {
    List<StoredEvent> tail = rows.events.stream().filter(e -> e.seq() > rows.snapshotSeq).toList();
    return new SessionFold.Rows(
        sid,
        rows.epoch,
        rows.eventSeq,
        rows.frameSeq,
        rows.lastCommit,
        rows.snapshot,
        rows.checkpoint,
        tail);
  }

  @Override
  public Uni<Optional<SessionInfo>> info(SessionKey key) {
    return call(() ->
        Optional.ofNullable(sids.get(key)).map(this::rows).map(r -> r.listed).map(SessionInfo::of));
  }

  @Override
  public Uni<Optional<Regenerate.Target>> target(long sid, @Nullable MessageId id) {
    return call(() -> {
      Rows rows = read(sid);
      return rows.messages.values().stream()
          .filter(m -> m.role().equals("user"))
          .filter(m -> id == null ? !m.discarded() : m.id().equals(asked(rows, id)))
          .max(Comparator.comparingLong(Projection.MessageRow::ord))
          .map(m ->
              SessionFold.target(
                  m.id().value(),
                  rows.events.get((int) m.eventSeq() - 1).event(),
                  m.ord(),
                  m.discarded()));
    });
  }

  /// The message that an answer of that id answers, or the one of that id.
  private static MessageId asked(Rows rows, MessageId id) {
    return rows.turns.values().stream()
        .filter(t -> t.answerId().equals(id))
        .map(Projection.TurnRow::messageId)
        .findFirst()
        .orElse(id);
  }

  @Override
  public Uni<Optional<SendReceipt>> receipt(long sid, ClientMessageId id) {
    return call(() ->
        Optional.ofNullable(read(sid).sends.get(id.value()))
            .map(send -> new SendReceipt(send.messageId(), send.turnId(), send.sentAt())));
  }

  @Override
  public Uni<List<ChatMessage>> history(long sid, int messagesMax, int bytesMax) {
    return call(() -> {
      Rows rows = read(sid);
      List<Projection.MessageRow> kept =
          rows.messages.values().stream().filter(m -> !m.discarded()).toList();
      List<ChatMessage> messages = new ArrayList<>();
      long bytes = 0;
      for (Projection.MessageRow m : kept.reversed()) {
        Event event = rows.events.get((int) m.eventSeq() - 1).event();
        bytes += Utf8.length(EventJson.encode(event).payload());
        if (messages.size() == messagesMax || (!messages.isEmpty() && bytes > bytesMax)) {
          break;
        }
        messages.add(SessionFold.message(m.id().value(), event));
      }
      return List.copyOf(messages.reversed());
    });
  }

  @Override
  public Uni<Optional<ChatMessage>> message(long sid, MessageId id) {
    return call(() -> {
      Rows rows = rows(sid);
      return Optional.ofNullable(rows.messages.get(id.value()))
          .map(m ->
              SessionFold.message(m.id().value(), rows.events.get((int) m.eventSeq() - 1).event()));
    });
  }

  @Override
  public Uni<List<Unfinished>> unfinished(long afterSid, int limit) {
    return call(() ->
        sessions.tailMap(afterSid, false).entrySet().stream()
            .filter(e -> isUnfinished(e.getValue().listed))
            .limit(limit)
            .map(e -> new Unfinished(e.getKey(), e.getValue().key))
            .toList());
  }

  private static boolean isUnfinished(SessionState.@Nullable Present listed) {
    return listed instanceof SessionState.Streaming
        || (listed != null && !listed.core().queue().isEmpty());
  }

  @Override
  public Uni<List<EncodedFrame>> frames(long sid, long afterSeq, int framesMax, int bytesMax) {
    return call(() -> {
      List<EncodedFrame> page = new ArrayList<>();
      long bytes = 0;
      for (var row : read(sid).frames.tailMap(afterSeq, false).entrySet()) {
        bytes += TextColumns.bytes(row.getValue());
        if (page.size() == framesMax || (bytes > bytesMax && !page.isEmpty())) {
          break;
        }
        long seq = row.getKey();
        page.add(EncodedFrame.stored(seq, row.getValue()));
      }
      return page;
    });
  }

  @Override
  public Uni<Map<Long, Long>> heads(Collection<Long> sids) {
    return call(() -> {
      Map<Long, Long> heads = new HashMap<>();
      for (Long sid : sids) {
        Rows rows = headed(sid);
        if (rows != null) {
          heads.put(sid, rows.frameSeq);
        }
      }
      return heads;
    });
  }

  @Override
  public Uni<Void> delivered(Map<Long, Long> seqs) {
    return call(
            () -> {
              seqs.forEach((sid, seq) -> {
                if (headed(sid) != null) {
                  deliveries.merge(sid, seq, Math::max);
                }
              });
              return seqs;
            })
        .replaceWithVoid();
  }

  @Override
  public Uni<Long> spentToday(String userId, Instant now) {
    return call(() ->
        Math.max(0, tokens.getOrDefault(SpentTokens.day(now), Map.of()).getOrDefault(userId, 0L)));
  }

  @Override
  public Uni<Set<Long>> commit(List<PreparedAppend> batch) {
    return Uni.createFrom()
        .emitter(emitter ->
            travel(
                server,
                () -> {
                  CommitFault fault = faults.commit(batch);
                  switch (fault) {
                    case NONE, LOST_AFTER -> {
                      Outcome outcome = attempt(batch);
                      travel(
                          client,
                          () -> {
                            if (fault == CommitFault.LOST_AFTER) {
                              emitter.fail(lost());
                            } else if (outcome.refused() != null) {
                              emitter.fail(outcome.refused());
                            } else {
                              emitter.complete(outcome.applied());
                            }
                          });
                    }
                    case LOST_BEFORE -> travel(client, () -> emitter.fail(lost()));
                    case RETRY ->
                        travel(
                            client,
                            () ->
                                emitter.fail(
                                    new CommitFailure(CommitFailure.Remedy.RETRY, "40001")));
                    case LATE -> {
                      client.execute(() -> emitter.fail(lost()));
                      EventLoop.Timer _ =
                          server.schedule(
                              faults.lateness(),
                              () -> {
                                Outcome _ = attempt(batch);
                              });
                    }
                  }
                }));
  }

  private record Outcome(Set<Long> applied, @Nullable CommitFailure refused) {}

  private Outcome attempt(List<PreparedAppend> batch) {
    List<PreparedAppend> fitting =
        batch.stream().filter(each -> fits(each) && !faults.isLocked(each.append().sid())).toList();
    String refused = TextColumns.poison(batch);
    if (refused == null) {
      refused =
          TextColumns.violation(fitting, sid -> rows(sid).messages.keySet(), effects::isRefused);
    }
    if (refused != null) {
      return new Outcome(Set.of(), new CommitFailure(CommitFailure.Remedy.BISECT, refused));
    }
    Set<Long> applied = new HashSet<>();
    for (PreparedAppend append : fitting) {
      apply(append);
      applied.add(append.append().sid());
    }
    return new Outcome(applied, null);
  }

  private boolean fits(PreparedAppend prepared) {
    Append append = prepared.append();
    Rows rows = headed(append.sid());
    return rows != null
        && (rows.epoch == append.epoch() || !faults.asksForOwner())
        && rows.eventSeq == append.before().eventSeq()
        && rows.frameSeq == append.before().frameSeq();
  }

  private void apply(PreparedAppend prepared) {
    Append append = prepared.append();
    Rows rows = rows(append.sid());
    rows.apply(prepared);
    for (SpentTokens spent : prepared.spent()) {
      tokens
          .computeIfAbsent(spent.day(), _ -> new TreeMap<>())
          .merge(spent.userId(), spent.tokens(), Long::sum);
    }
    effects.add(append.sid(), rows.key, append.after().eventSeq(), append.effects());
    if (append.after() instanceof SessionState.Deleted) {
      sids.remove(rows.key, append.sid());
      effects.deleted(append.sid());
    }
    witness.applied(prepared);
  }

  /// The events of a session, as they are stored.
  public List<Event> events(long sid) {
    return rows(sid).events.stream().map(StoredEvent::event).toList();
  }

  /// The frames of a session, as they are stored.
  public List<String> frames(long sid) {
    return List.copyOf(rows(sid).frames.values());
  }

  /// A session as lists show it.
  record Listed(long sid, SessionInfo info) {}

  /// Every session that exists.
  List<Listed> listed() {
    List<Listed> listed = new ArrayList<>();
    sessions.forEach((sid, rows) -> {
      if (rows.listed != null) {
        listed.add(new Listed(sid, SessionInfo.of(rows.listed)));
      }
    });
    return listed;
  }

  /// The highest frame of a session that was reported as acknowledged; 0: none was.
  public long delivered(long sid) {
    return deliveries.getOrDefault(sid, 0L);
  }

  /// The first frame of a session that is kept; empty: none is.
  public OptionalLong keptFrom(long sid) {
    Rows rows = sessions.get(sid);
    return rows == null || rows.frames.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(rows.frames.firstKey());
  }

  /// All that is stored of a session.
  Tables tables(long sid) {
    Rows rows = rows(sid);
    return new Tables(
        List.copyOf(rows.events),
        frames(sid),
        effects.ids(sid),
        List.copyOf(rows.turns.values()),
        List.copyOf(rows.messages.values()),
        List.copyOf(rows.sends.values()),
        rows.snapshotSeq,
        delivered(sid));
  }

  /// What is stored of every session, by number.
  NavigableMap<Long, Rows> sessions() {
    return sessions;
  }

  /// What clients acknowledged of every session.
  Map<Long, Long> deliveries() {
    return deliveries;
  }

  /// What users spent, by day.
  NavigableMap<LocalDate, Map<String, Long>> tokens() {
    return tokens;
  }

  /// Whether the session has its rows; a deleted one loses them.
  public boolean isThere(long sid) {
    return headed(sid) != null;
  }

  private @Nullable Rows headed(long sid) {
    Rows rows = sessions.get(sid);
    return rows == null || !rows.isHeaded ? null : rows;
  }

  /// What a look at the tables of a session finds: nothing when it is gone.
  private Rows read(long sid) {
    Rows rows = sessions.get(sid);
    return rows == null ? new Rows(new SessionKey("nobody", "none", "none")) : rows;
  }

  private Rows rows(long sid) {
    Rows rows = sessions.get(sid);
    if (rows == null) {
      throw new IllegalArgumentException("no session has the number " + sid);
    }
    return rows;
  }

  /// Does what a call asks for, with the delays and faults of this store.
  <T> Uni<T> call(Supplier<T> work) {
    return Uni.createFrom()
        .emitter(emitter ->
            travel(
                server,
                () -> {
                  CallFault fault = faults.call();
                  if (fault == CallFault.LOST_BEFORE) {
                    travel(client, () -> emitter.fail(lost()));
                    return;
                  }
                  T result;
                  try {
                    result = work.get();
                  } catch (RuntimeException e) {
                    travel(client, () -> emitter.fail(e));
                    return;
                  }
                  travel(
                      client,
                      () -> {
                        if (fault == CallFault.LOST_AFTER) {
                          emitter.fail(lost());
                        } else {
                          emitter.complete(result);
                        }
                      });
                }));
  }

  private void travel(EventLoop to, Runnable task) {
    Duration delay = faults.delay();
    if (delay.isZero()) {
      to.execute(task);
    } else {
      EventLoop.Timer _ = to.schedule(delay, task);
    }
  }

  private static StoreUnavailableException lost() {
    return new StoreUnavailableException("lost by a test", null);
  }
}
