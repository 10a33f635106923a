package dev.parley.actor;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.Usage;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.Event;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Frame;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import dev.parley.session.TurnId;
import dev.parley.store.Append;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Tells operators what became of a session's turns: in the log, and in numbers. It is fed with
/// what was committed, so nothing is told that is not durable; a commit of words alone costs a
/// glance. On the session's loop.
final class TurnReports {
  private static final FieldLog LOG = FieldLog.of(TurnReports.class);

  private final Fields session;
  private final EventLoop loop;
  private final ActorMeters meters;
  private long decidedNanos;
  private long begunNanos;
  private boolean firstAwaited;
  private int waiting;

  TurnReports(SessionKey key, EventLoop loop, ActorMeters meters) {
    this.session = Fields.ofSession(key.toString());
    this.loop = loop;
    this.meters = meters;
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
  }

  /// This is durable.
  void committed(Append append) {
    if (firstAwaited && append.frames().stream().anyMatch(f -> says(f.frame()))) {
      firstAwaited = false;
      meters.firstToken(loop.nanoTime() - begunNanos);
    }
    if (append.events().isEmpty()) {
      return;
    }
    holds(append.after());
    @Nullable Instant since =
        append.before() instanceof Streaming streaming ? streaming.turn().startedAt() : null;
    for (NumberedEvent numbered : append.events()) {
      switch (numbered.event()) {
        case Event.TurnStarted(var turnId, _, _, var at) -> {
          since = at;
          began(turnId, "");
        }
        case Event.QueuedTurnStarted(var turnId, _, _, var at) -> {
          since = at;
          began(turnId, " for a message that had waited");
        }
        case Event.TurnRegenerated(var turnId, _, _, _, var at) -> {
          since = at;
          began(turnId, " to answer again");
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
        case Event.SessionCreated _,
            Event.MessageRemoved _,
            Event.MessagesDiscarded _,
            Event.SessionRenamed _,
            Event.SessionTouched _,
            Event.IncarnationRenewed _ -> {}
        case Event.SessionDeleted _ -> LOG.infof(session, "The session was deleted");
      }
    }
  }

  private void began(TurnId turnId, String why) {
    begunNanos = decidedNanos;
    firstAwaited = true;
    meters.started();
    LOG.infof(session.withTurn(turnId.value()), "Turn started%s", why);
  }

  private void ended(Event.TurnEnded ended, @Nullable Instant since) {
    firstAwaited = false;
    Duration lasted =
        since == null || since.isAfter(ended.at())
            ? Duration.ZERO
            : Duration.between(since, ended.at());
    meters.ended(ended.outcome(), lasted);
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
