package dev.parley.actor;

import dev.parley.session.ClientMessageId;
import dev.parley.session.Command;
import dev.parley.session.Command.Regenerate;
import dev.parley.session.Command.Send;
import dev.parley.session.Decision;
import dev.parley.session.SendReceipt;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import dev.parley.store.EventStore;
import io.smallrye.mutiny.Uni;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What only the store knows, and a command has to know before it can be decided: what a send of
/// the same name was answered long ago, and which message of history is meant.
record LookUp(EventStore store, long sid) {

  /// Whether the state is not enough to decide the letter. A send that would be refused may have
  /// been taken by another node: one that does not know yet that it is the owner no more is asked
  /// as long as it stores nothing, and must not deny what clients have been told.
  ///
  /// @param decision of the letter, with no more than the state
  static boolean isNeeded(Letter letter, SessionState state, Decision decision) {
    if (letter.lookedUp() || !(state instanceof Present present)) {
      return false;
    }
    return switch (letter.command()) {
      case Send send ->
          isUnknown(send.message().clientMessageId(), present)
              && (present.core().forgotten()
                  || (present instanceof Streaming && decision instanceof Decision.Refused));
      case Regenerate _ -> true;
      default -> false;
    };
  }

  private static boolean isUnknown(@Nullable ClientMessageId id, Present state) {
    return id != null && state.core().receipt(id) == null;
  }

  /// The letter with what the store knows.
  Uni<Letter> complete(Letter letter) {
    return switch (letter.command()) {
      case Send send ->
          receipt(send.message().clientMessageId())
              .map(found ->
                  letter.afterLookUp(
                      new Send(
                          send.message(), send.whenBusy(), found.orElse(null), send.newTurn())));
      case Regenerate again ->
          receipt(again.clientMessageId())
              .flatMap(found ->
                  store
                      .target(sid, again.messageId())
                      .map(target ->
                          letter.afterLookUp(
                              again.after(found.orElse(null)).of(target.orElse(null)))));
      case Command other -> Uni.createFrom().item(letter.afterLookUp(other));
    };
  }

  private Uni<Optional<SendReceipt>> receipt(@Nullable ClientMessageId id) {
    return id == null ? Uni.createFrom().item(Optional.empty()) : store.receipt(sid, id);
  }
}
