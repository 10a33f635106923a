package dev.parley.store;

import dev.parley.content.MessageId;
import dev.parley.session.ChatMessage;
import dev.parley.session.ClientMessageId;
import dev.parley.session.SendReceipt;
import dev.parley.session.SessionKey;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;

/// What is read seldom, through the entities.
public interface ColdReads {

  Uni<Optional<SessionInfo>> info(SessionKey key);

  Uni<Optional<SendReceipt>> receipt(long sid, ClientMessageId id);

  /// One message of the session, discarded or not.
  Uni<Optional<ChatMessage>> message(long sid, MessageId id);

  Uni<List<EventStore.Unfinished>> unfinished(long afterSid, int limit);
}
