package dev.parley.store;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.JsonText;
import dev.parley.content.TurnOutput;
import dev.parley.session.ChatMessage;
import dev.parley.session.Command.Regenerate;
import dev.parley.session.Event;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Frame;
import dev.parley.session.SessionState;
import dev.parley.store.json.SnapshotJson;
import dev.parley.store.json.UnreadableException;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// How stored rows become a session again, the same for every store.
public final class SessionFold {
  private final Outbox outbox;
  private final int pageFramesMax;
  private final int pageBytesMax;

  /// What a store holds of a session at one instant.
  ///
  /// @param events those after the snapshot, in order
  record Rows(
      long sid,
      long epoch,
      long eventSeq,
      long frameSeq,
      @Nullable UUID lastCommit,
      @Nullable String snapshot,
      @Nullable String checkpoint,
      List<StoredEvent> events) {}

  /// @param pageFramesMax frames of a running turn read at a time
  /// @param pageBytesMax their bytes
  SessionFold(Outbox outbox, int pageFramesMax, int pageBytesMax) {
    this.outbox = outbox;
    this.pageFramesMax = pageFramesMax;
    this.pageBytesMax = pageBytesMax;
  }

  /// The session that the rows are. The frames of a running turn are read afterwards, up to the
  /// head that the rows name: they never change.
  Uni<StoredSession> fold(Rows rows, boolean withOutput) {
    Replay replay =
        new Replay(
            rows.sid(),
            rows.snapshot() == null
                ? new SessionState.Absent()
                : SnapshotJson.decode(rows.snapshot()));
    rows.events().forEach(replay::next);
    SessionState state = replay.state();
    if (state.eventSeq() != rows.eventSeq()) {
      throw unreadable(
          rows, "events end at " + state.eventSeq() + ", its head says " + rows.eventSeq());
    }
    return whole(rows, state, withOutput)
        .map(whole ->
            new StoredSession(
                rows.sid(),
                rows.epoch(),
                whole,
                rows.lastCommit(),
                rows.events().size(),
                rows.checkpoint() == null ? null : new JsonText(rows.checkpoint())));
  }

  private Uni<? extends SessionState> whole(Rows rows, SessionState state, boolean withOutput) {
    return switch (state) {
      case SessionState.Streaming streaming -> {
        long firstFrame = streaming.turn().firstFrame();
        Uni<TurnOutput> said =
            withOutput
                ? output(rows, firstFrame, TurnOutput.EMPTY)
                : Uni.createFrom().item(TurnOutput.EMPTY);
        yield said.map(output -> streaming.resume(output, rows.frameSeq()));
      }
      case SessionState.Idle idle -> Uni.createFrom().item(settled(rows, idle));
      case SessionState.Absent absent -> Uni.createFrom().item(settled(rows, absent));
      case SessionState.Deleted deleted -> Uni.createFrom().item(settled(rows, deleted));
    };
  }

  /// Without a turn nothing is said after the last event.
  private static SessionState settled(Rows rows, SessionState state) {
    if (state.frameSeq() != rows.frameSeq()) {
      throw unreadable(
          rows, "frames end at " + rows.frameSeq() + ", its last event says " + state.frameSeq());
    }
    return state;
  }

  private Uni<TurnOutput> output(Rows rows, long afterSeq, TurnOutput said) {
    if (afterSeq >= rows.frameSeq()) {
      return Uni.createFrom().item(said);
    }
    return outbox
        .frames(rows.sid(), afterSeq, pageFramesMax, pageBytesMax)
        .flatMap(page -> {
          if (page.isEmpty() || page.getFirst().seq() != afterSeq + 1) {
            throw unreadable(rows, "frame " + (afterSeq + 1) + " is missing");
          }
          TurnOutput more = said;
          long last = afterSeq;
          for (EncodedFrame frame : page) {
            if (frame.seq() > rows.frameSeq()) {
              break;
            }
            if (frame.frame() instanceof Frame.StreamEvent(var _, var event)
                && event instanceof ChatStreamEvent.Content content) {
              more = more.append(content);
            }
            last = frame.seq();
          }
          return output(rows, last, more);
        });
  }

  /// The message of history that an event holds.
  ///
  /// @throws UnreadableException for an event that holds none
  public static ChatMessage message(String messageId, Event event) {
    return switch (event) {
      case Event.TurnStarted started -> new ChatMessage.OfUser(started.message());
      case Event.MessageQueued queued -> new ChatMessage.OfUser(queued.message());
      case Event.TurnEnded ended ->
          new ChatMessage.OfAgent(
              ended.answerId(),
              ended.turnId(),
              ended.answer(),
              !(ended.outcome() instanceof TurnOutcome.Completed),
              ended.usage(),
              ended.model(),
              ended.at());
      case Event.SessionCreated _,
          Event.MessageRemoved _,
          Event.QueuedTurnStarted _,
          Event.TurnRegenerated _,
          Event.TurnResumed _,
          Event.TurnSpent _,
          Event.MessagesDiscarded _,
          Event.SessionRenamed _,
          Event.SessionTouched _,
          Event.IncarnationRenewed _,
          Event.SessionDeleted _ ->
          throw noMessage(messageId, event);
    };
  }

  /// The message of the user that an event holds, with its place in history.
  ///
  /// @throws UnreadableException for an event that holds none
  static Regenerate.Target target(String messageId, Event event, long ord, boolean discarded) {
    if (message(messageId, event) instanceof ChatMessage.OfUser user) {
      return new Regenerate.Target(user.message(), ord, discarded);
    }
    throw noMessage(messageId, event);
  }

  private static UnreadableException noMessage(String messageId, Event event) {
    return new UnreadableException(
        "message " + messageId + " names a " + event.getClass().getSimpleName(), null);
  }

  private static UnreadableException unreadable(Rows rows, String what) {
    return new UnreadableException("session " + rows.sid() + ": " + what, null);
  }
}
