package dev.parley.store.page;

import dev.parley.content.FinishReason;
import dev.parley.content.MessageId;
import dev.parley.content.Usage;
import dev.parley.session.ChatMessage;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Frame;
import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import dev.parley.store.ColdReads;
import dev.parley.store.EncodedFrame;
import dev.parley.store.Outbox;
import dev.parley.store.SessionReader;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Single turns for those who only look. Fails with [dev.parley.session.RefusedException]: `Failed`
/// with `UNAVAILABLE` or `EVENT_UNREADABLE`.
public final class TurnReader {
  /// The frame that is read alone; it is read whatever it has.
  private static final int FRAME_BYTES_MAX = 64 * 1024;

  private final Pages pages;
  private final ColdReads coldReads;
  private final Outbox outbox;

  public TurnReader(Pages pages, ColdReads coldReads, Outbox outbox) {
    this.pages = pages;
    this.coldReads = coldReads;
    this.outbox = outbox;
  }

  /// The newest turn of the session that answers the message, or whose answer it is.
  public Uni<Optional<TurnPlace>> turnOf(SessionKey key, MessageId id) {
    return pages.turnOf(key, id).onFailure().transform(SessionReader::refused);
  }

  /// What is kept of a turn that is over. When its frames are gone, an error's words are gone too
  /// and only its code is known.
  public Uni<EndedTurn> ended(TurnPlace turn) {
    long last = Objects.requireNonNull(turn.lastFrame(), "the turn is over");
    return coldReads
        .message(turn.sid(), turn.answerId())
        .flatMap(answer ->
            outbox
                .frames(turn.sid(), last - 1, 1, FRAME_BYTES_MAX)
                .map(frames -> ended(turn, answer, frames)))
        .onFailure()
        .transform(SessionReader::refused);
  }

  private static EndedTurn ended(
      TurnPlace turn, Optional<ChatMessage> answer, List<EncodedFrame> lastFrame) {
    TurnOutcome outcome =
        !lastFrame.isEmpty()
                && lastFrame.getFirst().frame() instanceof Frame.SessionStopped stopped
                && stopped.turnId().equals(turn.id())
            ? stopped.outcome()
            : outcome(turn);
    return answer.isPresent() && answer.get() instanceof ChatMessage.OfAgent said
        ? new EndedTurn(turn.answerId(), said.parts(), outcome, said.usage())
        : new EndedTurn(turn.answerId(), List.of(), outcome, Usage.NONE);
  }

  private static TurnOutcome outcome(TurnPlace turn) {
    String reason = Objects.requireNonNullElse(turn.reason(), "");
    return switch (turn.status()) {
      case "completed" -> new TurnOutcome.Completed(FinishReason.of(reason));
      case "error" -> {
        Refusal.Code code = Refusal.Code.valueOf(reason);
        yield new TurnOutcome.Failed(code, "The turn failed: " + code + ".", false);
      }
      default -> new TurnOutcome.Interrupted(reason);
    };
  }
}
