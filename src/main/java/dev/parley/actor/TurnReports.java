package dev.parley.actor;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.MessageId;
import dev.parley.content.Usage;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.Decision.NumberedFrame;
import dev.parley.session.Event;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Frame;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import dev.parley.session.TurnId;
import dev.parley.store.Append;
import dev.parley.trace.Traces;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Tells operators what became of a session's turns: in the log, in numbers and in traces. It is
/// fed with what was committed, so nothing is told that is not durable; a commit of words alone
/// costs a glance. On the session's loop.
final class TurnReports {
  private static final FieldLog LOG = FieldLog.of(TurnReports.class);

  private final Fields session;
  private final EventLoop loop;
  private final ActorMeters meters;
  private final Traces traces;
  private final SessionKey key;
  private final long sid;
  private long decidedNanos;
  private long begunNanos;
  private boolean firstAwaited;
  private int waiting;

  TurnReports(SessionKey key, long sid, World world, EventLoop loop) {
    this.session = Fields.ofSession(key.toString());
    this.key = key;
    this.sid = sid;
    this.loop = loop;
    this.meters = world.meters();
    this.traces = world.traces();
  }

  /// What a line of the log about the session carries.
  Fields session() {
    return session;
  }

  /// What is committed next is decided now.
  void deciding() {
    decidedNanos = loop.nanoTime();
  }

  /// The session was read so from the store.
  void found(SessionState state) {
    holds(state);
    firstAwaited = false;
  }

  /// The actor is one no longer.
  void left() {
    holds(new SessionState.Absent());
    traces.left(sid);
  }

  /// This is durable.
  ///
  /// @param draft what it was decided in
  void committed(Append append, Draft draft) {
    draft.accepted((incoming, reply) -> traces.accepted(sid, key, incoming, reply, decidedNanos));
    if (firstAwaited) {
      append.frames().stream()
          .filter(f -> says(f.frame()))
          .findFirst()
          .ifPresent(f -> saysFirst(f, append));
    }
    if (append.events().isEmpty()) {
      return;
    }
    holds(append.after());
    @Nullable Instant since =
        append.before() instanceof Streaming streaming ? streaming.turn().startedAt() : null;
    for (NumberedEvent numbered : append.events()) {
      switch (numbered.event()) {
        case Event.TurnStarted(var turnId, _, var message, var at) -> {
          since = at;
          began(turnId, message.id(), "");
        }
        case Event.QueuedTurnStarted(var turnId, _, var messageId, var at) -> {
          since = at;
          began(turnId, messageId, " for a message that had waited");
        }
        case Event.TurnRegenerated(var turnId, _, var message, _, var at) -> {
          since = at;
          began(turnId, message.id(), " to answer again");
        }
        case Event.TurnResumed(var turnId, var saidBytes, _) -> {
          meters.resumed();
          LOG.infof(
              session.withTurn(turnId.value()),
              "The turn goes on after the loss of its node, %d bytes into its answer",
              saidBytes);
        }
        case Event.TurnEnded ended -> ended(ended, since);
        case Event.MessageQueued _ -> meters.queued();
        case Event.MessageRemoved(var messageId, _) -> traces.removed(sid, messageId);
        case Event.SessionCreated _,
            Event.TurnSpent _,
            Event.MessagesDiscarded _,
            Event.SessionRenamed _,
            Event.SessionTouched _,
            Event.IncarnationRenewed _ -> {}
        case Event.SessionDeleted _ -> LOG.infof(session, "The session was deleted");
      }
    }
  }

  private void saysFirst(NumberedFrame words, Append append) {
    firstAwaited = false;
    meters.firstToken(loop.nanoTime() - begunNanos);
    @Nullable Long said = append.waitsSinceNanos();
    traces.firstWords(sid, words.seq(), said == null ? decidedNanos : said);
  }

  private void began(TurnId turnId, MessageId messageId, String why) {
    begunNanos = decidedNanos;
    firstAwaited = true;
    meters.started();
    traces.started(sid, turnId, messageId);
    LOG.infof(session.withTurn(turnId.value()), "Turn started%s", why);
  }

  private void ended(Event.TurnEnded ended, @Nullable Instant since) {
    firstAwaited = false;
    Duration lasted =
        since == null || since.isAfter(ended.at())
            ? Duration.ZERO
            : Duration.between(since, ended.at());
    meters.ended(ended.outcome(), lasted);
    traces.ended(sid, ended.turnId(), ended.outcome());
    LOG.infof(
        session.withTurn(ended.turnId().value()),
        "Turn %s after %s s, %s%s",
        how(ended.outcome()),
        String.format(Locale.ROOT, "%.3f", lasted.toMillis() / 1000.0),
        spent(ended.usage()),
        ended.discarded() ? "; its answer is discarded" : "");
  }

  /// What failed is told by its code: the words may be a provider's, or quote a message.
  private static String how(TurnOutcome outcome) {
    return switch (outcome) {
      case TurnOutcome.Completed done ->
          "completed (" + done.finishReason().name().toLowerCase(Locale.ROOT) + ")";
      case TurnOutcome.Interrupted interrupted -> "interrupted (" + why(interrupted) + ")";
      case TurnOutcome.Failed failed ->
          "failed (" + failed.code() + (failed.retryable() ? ", retryable)" : ")");
    };
  }

  private static String why(TurnOutcome.Interrupted interrupted) {
    if (interrupted.isLoss()) {
      return "its node stopped, or was lost";
    }
    return interrupted.isDeletion() ? "session deleted" : "somebody stopped it";
  }

  private static String spent(Usage usage) {
    return usage.inputTokens() + " input and " + usage.outputTokens() + " output tokens";
  }

  private static boolean says(Frame frame) {
    return frame instanceof Frame.StreamEvent said && said.event() instanceof Content;
  }

  private void holds(SessionState state) {
    int now = state instanceof Present present ? present.core().queue().size() : 0;
    if (now != waiting) {
      meters.waiting(now - waiting);
      waiting = now;
    }
  }
}
