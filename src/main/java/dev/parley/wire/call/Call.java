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

  record SessionCreate(SessionKey key, @Nullable String title) implements Call {}

  record SessionGet(SessionKey key) implements Call {}

  record SessionUpdate(SessionKey key, String title) implements Call {}

  record SessionTouch(SessionKey key) implements Call {}

  record SessionDelete(SessionKey key) implements Call {}

  record ChatRegenerate(
      SessionKey key,
      @Nullable MessageId messageId,
      @Nullable String content,
      @Nullable ClientMessageId clientMessageId)
      implements Call {}

  record ChatSubscribe(SessionKey key, @Nullable Long afterSeq, @Nullable String incarnation)
      implements Call {}

  record ChatSend(
      SessionKey key,
      String content,
      @Nullable JsonText parts,
      @Nullable ClientMessageId clientMessageId,
      WhenBusy whenBusy)
      implements Call {}

  record ChatInterrupt(SessionKey key, @Nullable TurnId turnId, boolean discard) implements Call {}

  record ChatDequeue(SessionKey key, MessageId messageId) implements Call {}

  record ChatGetState(SessionKey key) implements Call {}

  record ChatGetHistory(SessionKey key, HistoryPlace place, int limit) implements Call {}

  record SessionListTurns(SessionKey key, @Nullable TurnId after, int limit) implements Call {}

  /// @param agentId absent: with any agent
  record SessionList(String userId, @Nullable String agentId, @Nullable SessionKey after, int limit)
      implements Call {}

  record SessionWatch(String userId) implements Call {}
}
