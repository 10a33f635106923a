package dev.parley.wire.call;

import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.store.page.HistoryPlace;
import org.jspecify.annotations.Nullable;

/// What a client asked for, checked for form.
sealed interface Call {

  /// A call that touches what is a user's.
  sealed interface OfUser extends Call {
    String userId();
  }

  /// A call about one session.
  sealed interface OfSession extends OfUser {
    SessionKey key();

    @Override
    default String userId() {
      return key().userId();
    }
  }

  /// A later token for the connection that it comes on.
  record AuthRenew(String token) implements Call {
    /// A token is shown to nobody.
    @Override
    public String toString() {
      return "AuthRenew";
    }
  }

  record SessionCreate(SessionKey key, @Nullable String title) implements OfSession {}

  record SessionGet(SessionKey key) implements OfSession {}

  record SessionUpdate(SessionKey key, String title) implements OfSession {}

  record SessionTouch(SessionKey key) implements OfSession {}

  record SessionDelete(SessionKey key) implements OfSession {}

  record ChatRegenerate(
      SessionKey key,
      @Nullable MessageId messageId,
      @Nullable String content,
      @Nullable ClientMessageId clientMessageId)
      implements OfSession {}

  record ChatSubscribe(SessionKey key, @Nullable Long afterSeq, @Nullable String incarnation)
      implements OfSession {}

  record ChatSend(
      SessionKey key,
      String content,
      @Nullable JsonText parts,
      @Nullable ClientMessageId clientMessageId,
      WhenBusy whenBusy)
      implements OfSession {}

  record ChatInterrupt(SessionKey key, @Nullable TurnId turnId, boolean discard)
      implements OfSession {}

  record ChatDequeue(SessionKey key, MessageId messageId) implements OfSession {}

  record ChatRespondToToolApproval(
      SessionKey key, String approvalId, boolean approved, @Nullable String reason)
      implements OfSession {}

  record ChatGetState(SessionKey key) implements OfSession {}

  record ChatGetHistory(SessionKey key, HistoryPlace place, int limit) implements OfSession {}

  record SessionListTurns(SessionKey key, @Nullable TurnId after, int limit) implements OfSession {}

  /// @param agentId absent: with any agent
  record SessionList(String userId, @Nullable String agentId, @Nullable SessionKey after, int limit)
      implements OfUser {}

  record SessionWatch(String userId) implements OfUser {}
}
