package dev.parley.trace;

import dev.parley.content.MessageId;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Refusal;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.trace.MessageTrace.Outcome;
import dev.parley.trace.MessageTrace.Part;
import dev.parley.trace.MessageTrace.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The traces that have begun and are not over, session by session.
///
/// One whose turn is over is kept until the turn's first words are acknowledged, the next turn of
/// the session is over or the session is left: what is said at last is acknowledged after the end.
public final class OpenTraces implements Traces {
  private final LongSupplier nanoTime;
  private final Consumer<MessageTrace> over;

  /// Each entry is touched on its session's loop only.
  private final Map<Long, Session> sessions = new ConcurrentHashMap<>();

  /// What is open of one session.
  private static final class Session {
    /// Messages by the turn they are to start, or, in the queue, by their own names.
    final Map<String, Open> waiting = new LinkedHashMap<>();

    @Nullable Running running;

    /// The last turn that is over, if its first words are not acknowledged yet.
    @Nullable Running unheard;

    /// What was sent last, and acknowledged last: a client that waits is sent a frame before the
    /// session itself hears that it is durable.
    Reached sent = NOWHERE;

    Reached acknowledged = NOWHERE;

    boolean isEmpty() {
      return waiting.isEmpty() && running == null && unheard == null;
    }
  }

  /// A message that has no turn yet.
  private record Open(SessionKey key, Incoming incoming, List<Step> steps, long committedNanos) {
    void waited(long now) {
      steps.add(new Step(Part.WAIT, committedNanos, now));
    }
  }

  /// A message whose turn has begun.
  private static final class Running {
    final Open message;
    final TurnId turnId;
    final long begunNanos;
    Outcome outcome = LEFT;

    /// What was said first; absent: nothing was, or it is acknowledged.
    @Nullable Words words;

    Running(Open message, TurnId turnId, long begunNanos) {
      this.message = message;
      this.turnId = turnId;
      this.begunNanos = begunNanos;
    }

    void add(Part part, long begunNanos, long endedNanos) {
      message.steps().add(new Step(part, begunNanos, endedNanos));
    }

    void sent(Reached reached) {
      if (words != null && words.seq() <= reached.seq() && words.sentNanos() == null) {
        words = new Words(words.seq(), words.committedNanos(), reached.nanos());
      }
    }

    void acknowledged(Reached reached) {
      if (words != null && words.seq() <= reached.seq()) {
        add(Part.DELIVER_FIRST_WORDS, words.committedNanos(), reached.nanos());
        words = null;
      }
    }
  }

  /// @param sentNanos absent: to nobody so far
  private record Words(long seq, long committedNanos, @Nullable Long sentNanos) {}

  /// How far the first of all clients has come, and when.
  private record Reached(long seq, long nanos) {
    /// When it was at `to`, if it was, and otherwise now.
    long before(long to, long now) {
      return to > seq ? now : earlier(now, nanos);
    }

    Reached further(long to, LongSupplier now) {
      return to > seq ? new Reached(to, now.getAsLong()) : this;
    }
  }

  /// Of a clock whose numbers mean something as differences alone: it may go past the largest.
  private static long earlier(long one, long other) {
    return one - other < 0 ? one : other;
  }

  private static final Reached NOWHERE = new Reached(0, 0);

  private static final Outcome LEFT = new Outcome(Outcome.Kind.LEFT, null);

  /// @param nanoTime as [System#nanoTime]
  /// @param over takes each trace once, on any thread; returns at once and never throws
  public OpenTraces(LongSupplier nanoTime, Consumer<MessageTrace> over) {
    this.nanoTime = nanoTime;
    this.over = over;
  }

  /// Sessions of which something is open.
  public int sessions() {
    return sessions.size();
  }

  @Override
  public void refused(SessionKey key, Incoming incoming, Refusal refusal) {
    List<Step> steps = List.of(new Step(Part.DECIDE, incoming.nanos(), nanoTime.getAsLong()));
    Outcome refused = new Outcome(Outcome.Kind.REFUSED, refusal.codeName());
    over.accept(new MessageTrace(key, null, incoming, refused, steps));
  }

  @Override
  public void accepted(
      long sid, SessionKey key, Incoming incoming, Reply reply, long decidedNanos) {
    String name =
        switch (reply) {
          case Reply.Started(var _, var turnId, var again) -> again ? null : turnId.value();
          case Reply.Queued(var message, var again) -> again ? null : message.id().value();
          case Reply.Done _, Reply.Interrupted _, Reply.Dequeued _, Reply.Acknowledged _ -> null;
        };
    if (name == null) {
      return;
    }
    long now = nanoTime.getAsLong();
    List<Step> steps = new ArrayList<>();
    steps.add(new Step(Part.DECIDE, incoming.nanos(), decidedNanos));
    steps.add(new Step(Part.COMMIT, decidedNanos, now));
    sessions
        .computeIfAbsent(sid, _ -> new Session())
        .waiting
        .put(name, new Open(key, incoming, steps, now));
  }

  @Override
  public void started(long sid, TurnId turnId, MessageId messageId) {
    Session session = sessions.get(sid);
    if (session == null) {
      return;
    }
    long now = nanoTime.getAsLong();
    Open message = session.waiting.remove(turnId.value());
    if (message == null) {
      message = session.waiting.remove(messageId.value());
      if (message != null) {
        message.waited(now);
      }
    }
    if (message != null) {
      session.running = new Running(message, turnId, now);
    }
  }

  @Override
  public void firstWords(long sid, long seq, long saidNanos) {
    Session session = sessions.get(sid);
    if (session != null && session.running != null) {
      Running turn = session.running;
      long now = nanoTime.getAsLong();
      // who has them already was not sent them before they were durable
      long durable = earlier(session.sent.before(seq, now), session.acknowledged.before(seq, now));
      turn.add(Part.FIRST_WORDS, turn.begunNanos, saidNanos);
      turn.add(Part.COMMIT_FIRST_WORDS, saidNanos, durable);
      turn.words = new Words(seq, durable, null);
      turn.sent(session.sent);
      turn.acknowledged(session.acknowledged);
    }
  }

  @Override
  public void ended(long sid, TurnId turnId, TurnOutcome outcome) {
    Session session = sessions.get(sid);
    Running turn = session == null ? null : session.running;
    if (session == null || turn == null || !turn.turnId.equals(turnId)) {
      return;
    }
    turn.add(Part.TURN, turn.begunNanos, nanoTime.getAsLong());
    turn.outcome = outcome(outcome);
    session.running = null;
    if (session.unheard != null) {
      tell(session.unheard);
    }
    session.unheard = turn;
    settle(sid, session);
  }

  @Override
  public void removed(long sid, MessageId messageId) {
    Session session = sessions.get(sid);
    Open message = session == null ? null : session.waiting.remove(messageId.value());
    if (session != null && message != null) {
      message.waited(nanoTime.getAsLong());
      tell(message, null, new Outcome(Outcome.Kind.REMOVED, null));
      settle(sid, session);
    }
  }

  @Override
  public void left(long sid) {
    Session session = sessions.remove(sid);
    if (session == null) {
      return;
    }
    long now = nanoTime.getAsLong();
    if (session.unheard != null) {
      tell(session.unheard);
    }
    if (session.running != null) {
      session.running.add(Part.TURN, session.running.begunNanos, now);
      tell(session.running);
    }
    for (Open message : session.waiting.values()) {
      message.waited(now);
      tell(message, null, LEFT);
    }
  }

  @Override
  public void sent(long sid, long seq) {
    Session session = sessions.get(sid);
    if (session == null) {
      return;
    }
    session.sent = session.sent.further(seq, nanoTime);
    if (session.unheard != null) {
      session.unheard.sent(session.sent);
    }
    if (session.running != null) {
      session.running.sent(session.sent);
    }
  }

  @Override
  public void acknowledged(long sid, long seq) {
    Session session = sessions.get(sid);
    if (session == null) {
      return;
    }
    session.acknowledged = session.acknowledged.further(seq, nanoTime);
    if (session.unheard != null) {
      session.unheard.acknowledged(session.acknowledged);
    }
    if (session.running != null) {
      session.running.acknowledged(session.acknowledged);
    }
    settle(sid, session);
  }

  /// Lets go of what is over.
  private void settle(long sid, Session session) {
    if (session.unheard != null && session.unheard.words == null) {
      tell(session.unheard);
      session.unheard = null;
    }
    if (session.isEmpty()) {
      sessions.remove(sid);
    }
  }

  private void tell(Running turn) {
    Words words = turn.words;
    if (words != null && words.sentNanos() != null) {
      turn.add(Part.DELIVER_FIRST_WORDS, words.committedNanos(), words.sentNanos());
    }
    tell(turn.message, turn.turnId, turn.outcome);
  }

  private void tell(Open message, @Nullable TurnId turnId, Outcome outcome) {
    over.accept(
        new MessageTrace(message.key(), turnId, message.incoming(), outcome, message.steps()));
  }

  private static Outcome outcome(TurnOutcome outcome) {
    return switch (outcome) {
      case TurnOutcome.Completed _ -> new Outcome(Outcome.Kind.COMPLETED, null);
      case TurnOutcome.Interrupted _ -> new Outcome(Outcome.Kind.INTERRUPTED, null);
      case TurnOutcome.Failed failed -> new Outcome(Outcome.Kind.FAILED, failed.code().name());
    };
  }
}
