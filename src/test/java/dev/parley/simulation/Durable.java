package dev.parley.simulation;

import dev.parley.session.Event;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Present;
import dev.parley.session.UserMessage;
import dev.parley.store.Append;
import dev.parley.store.Archive;
import dev.parley.store.InMemoryStore;
import dev.parley.store.PreparedAppend;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What is durable at every moment, learned from the store itself as it happens: what anybody is
/// told is held against it at once, and each commit against the one before.
final class Durable implements InMemoryStore.Witness {
  private final Consumer<String> violation;
  private final BiConsumer<Long, String> claimed;
  private final BiConsumer<String, PreparedAppend> applied;
  private final Map<Long, Owner> owners = new HashMap<>();
  private final Map<Long, Life> bySid = new LinkedHashMap<>();
  private final Map<SessionKey, Life> byKey = new HashMap<>();
  private final Map<String, Life> byIncarnation = new HashMap<>();
  private final Map<String, Life> facts = new HashMap<>();
  private final Archive archive = new Archive();
  private long commits;

  private record Owner(String node, long epoch) {}

  /// A session from its creation on; once it is deleted its key may name another.
  static final class Life {
    private final long sid;
    private final SessionKey key;
    private final String incarnation;
    private SessionState state;

    Life(long sid, Present state) {
      this.sid = sid;
      this.key = state.core().key();
      this.incarnation = state.core().incarnation().value();
      this.state = state;
    }

    long sid() {
      return sid;
    }

    SessionKey key() {
      return key;
    }

    String incarnation() {
      return incarnation;
    }

    /// What the last commit left.
    SessionState state() {
      return state;
    }

    /// Whether a turn runs or a message waits.
    boolean isUnfinished() {
      return state instanceof SessionState.Streaming
          || (state instanceof Present present && !present.core().queue().isEmpty());
    }

    @Override
    public String toString() {
      return "session " + sid + " (" + key + ")";
    }
  }

  /// @param claimed told of each session and of the node that takes it
  /// @param applied told of each append and of the node it is from, once it is durable
  Durable(
      Consumer<String> violation,
      BiConsumer<Long, String> claimed,
      BiConsumer<String, PreparedAppend> applied) {
    this.violation = violation;
    this.claimed = claimed;
    this.applied = applied;
  }

  @Override
  public void claimed(long sid, String node, long epoch) {
    owners.put(sid, new Owner(node, epoch));
    claimed.accept(sid, node);
  }

  @Override
  public void applied(PreparedAppend prepared) {
    Append append = prepared.append();
    long sid = append.sid();
    String which = "commit " + append.commitId().getLeastSignificantBits() + " of session " + sid;
    Owner owner = Objects.requireNonNull(owners.get(sid), "a commit without an owner");
    if (append.epoch() != owner.epoch()) {
      violation.accept(
          which + " was applied in epoch " + append.epoch() + ", and its owner has " + owner);
    }
    Life life = bySid.get(sid);
    SessionState before = life == null ? new SessionState.Absent() : life.state;
    if (!append.before().equals(before)) {
      violation.accept(which + " was decided on another state than the one before it left");
    }
    if (life == null) {
      life = born(sid, append);
    }
    life.state = append.after();
    if (life.state instanceof SessionState.Deleted) {
      byKey.remove(life.key, life);
    }
    for (var numbered : append.events()) {
      learn(life, numbered.event());
    }
    archive.add(prepared);
    commits++;
    applied.accept(owner.node(), prepared);
  }

  /// The first commit of a session may end it too.
  private Life born(long sid, Append append) {
    Present first = (Present) append.before().evolve(append.events().getFirst().event(), 0);
    Life life = new Life(sid, first);
    bySid.put(sid, life);
    byIncarnation.put(life.incarnation, life);
    if (byKey.put(life.key, life) != null) {
      violation.accept("key " + life.key + " names two sessions");
    }
    return life;
  }

  private void learn(Life life, Event event) {
    switch (event) {
      case Event.SessionCreated created -> facts.put(created(created.incarnation().value()), life);
      case Event.MessageQueued queued -> sent(life, queued.message());
      case Event.MessageRemoved removed -> facts.put("removed " + removed.messageId(), life);
      case Event.TurnStarted started -> {
        sent(life, started.message());
        facts.put("started " + started.turnId(), life);
      }
      case Event.QueuedTurnStarted started -> facts.put("started " + started.turnId(), life);
      case Event.TurnRegenerated again -> {
        facts.put("started " + again.turnId(), life);
        if (again.clientMessageId() != null) {
          facts.put(named(life, again.clientMessageId().value()), life);
        }
      }
      case Event.TurnEnded ended -> facts.put("ended " + ended.turnId(), life);
      case Event.SessionRenamed renamed ->
          facts.put(titled(life.incarnation, renamed.title()), life);
      case Event.SessionDeleted _ -> facts.put("deleted " + life.key, life);
      case Event.SessionTouched _, Event.TurnResumed _, Event.MessagesDiscarded _ -> {}
      case Event.TurnSpent _ -> {}
      case Event.IncarnationRenewed _ -> {}
    }
  }

  private void sent(Life life, UserMessage message) {
    facts.put("sent " + message.id(), life);
    if (message.clientMessageId() != null) {
      facts.put(named(life, message.clientMessageId().value()), life);
    }
  }

  static String created(String incarnation) {
    return "created " + incarnation;
  }

  static String titled(String incarnation, String title) {
    return "titled " + incarnation + " " + title;
  }

  static String named(Life life, String clientMessageId) {
    return "named " + life.sid + " " + clientMessageId;
  }

  /// Holds an answer, at the moment it is given, against what is stored.
  void mustHold(Reply reply) {
    switch (reply) {
      case Reply.Done _ -> {}
      case Reply.Started started -> {
        mustHold("sent " + started.messageId());
        mustHold("started " + started.turnId());
      }
      case Reply.Queued queued -> mustHold("sent " + queued.message().id());
      case Reply.Interrupted stopped -> {
        if (stopped.turnId() != null) {
          mustHold("ended " + stopped.turnId());
        }
      }
      case Reply.Dequeued _, Reply.Acknowledged _ -> {}
    }
  }

  void mustHold(String fact) {
    if (!facts.containsKey(fact)) {
      violation.accept("answered and not stored: " + fact);
    }
  }

  boolean holds(String fact) {
    return facts.containsKey(fact);
  }

  /// The session that a fact belongs to; none when it is none.
  @Nullable Life about(String fact) {
    return facts.get(fact);
  }

  /// The session that the key names now.
  @Nullable Life life(SessionKey key) {
    return byKey.get(key);
  }

  @Nullable Life life(String incarnation) {
    return byIncarnation.get(incarnation);
  }

  /// Every session there ever was.
  Collection<Life> lives() {
    return bySid.values();
  }

  /// All that was ever committed.
  Archive archive() {
    return archive;
  }

  long commits() {
    return commits;
  }
}
