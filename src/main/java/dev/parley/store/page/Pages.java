package dev.parley.store.page;

import dev.parley.content.MessageId;
import dev.parley.session.ChatMessage;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.store.SessionInfo;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is kept, page by page. Sessions that are only reserved, or deleted, are seen by nobody.
///
/// Every `Uni` may emit on any thread. They fail with [dev.parley.store.StoreUnavailableException]
/// while the store is away, and with [dev.parley.store.json.UnreadableException] where a message is
/// such that this version cannot read it.
public interface Pages {

  /// Messages of the session's history, oldest first, without discarded ones.
  ///
  /// @param limit messages at most
  /// @param bytesMax bytes at most, as they are stored; a message that is larger comes alone
  Uni<PageResult<ChatMessage>> messages(
      SessionKey key, HistoryPlace place, int limit, int bytesMax);

  /// The session's turns, oldest first.
  ///
  /// @param after the turn that they follow; absent: from the first on
  Uni<PageResult<Turn>> turns(SessionKey key, @Nullable TurnId after, int limit);

  /// The newest turn of the session that answers the message, or whose answer it is.
  Uni<Optional<TurnPlace>> turnOf(SessionKey key, MessageId id);

  /// The user's sessions, newest activity first.
  ///
  /// @param agentId only those with this agent
  /// @param after the session that they follow, at its present place; absent: from the newest on
  /// @return nothing when the user has no session `after`
  Uni<Optional<Page<SessionInfo>>> sessions(
      String userId, @Nullable String agentId, @Nullable SessionKey after, int limit);

  /// Those of the sessions that exist, in no order.
  Uni<List<SessionInfo>> sessions(Collection<SessionKey> keys);

  /// When each of the users was active last; of one without sessions nothing.
  Uni<Map<String, Instant>> lastActivity(Collection<String> userIds);
}
