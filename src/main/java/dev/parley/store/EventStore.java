package dev.parley.store;

import dev.parley.content.MessageId;
import dev.parley.session.ChatMessage;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command.Regenerate;
import dev.parley.session.SendReceipt;
import dev.parley.session.SessionKey;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Sessions as their owner sees them: claim and load. What it writes goes through the [Journal].
///
/// Every `Uni` may emit on any thread. Beside the named outcomes they fail with
/// [StoreUnavailableException] while the store is away, and with
/// [dev.parley.store.json.UnreadableException] where it holds what this version cannot read.
public interface EventStore {

  /// The number of the key's session, when one was ever reserved. A deleted one does not count.
  Uni<OptionalLong> find(SessionKey key);

  /// Whether the user has so many sessions, or more; reserved ones count. Reads an index, and no
  /// further than it has to.
  Uni<Boolean> hasSessions(String userId, int count);

  /// The number of the key's session, reserving one when there is none. A reserved session has no
  /// events and is seen by nobody. Idempotent.
  Uni<Long> reserve(SessionKey key);

  /// Makes `node` the owner under a new epoch, so that no append under an older one is applied any
  /// more. Waits for a statement that still works on the session.
  ///
  /// @return the new epoch; nothing when the session was deleted and its rows are gone
  Uni<OptionalLong> claim(long sid, String node);

  /// As [#claim], when `node` still owns the session, under `epoch` or a later one: an earlier
  /// reclaim whose answer was lost has raised it. Nothing when another node has taken it, or when
  /// its rows are gone.
  Uni<OptionalLong> reclaim(long sid, String node, long epoch);

  /// The session as it was at one instant; one without events when its rows are gone.
  Uni<StoredSession> load(long sid);

  /// As [#load], without what a running turn has said: its output is empty. For those who need the
  /// heads, the queue or the status, at a cost that does not grow with the answer.
  Uni<StoredSession> loadHead(long sid);

  /// The message of the user that a client means: the one of that id, or for an answer's id the one
  /// that was answered; without an id the newest of the conversation.
  Uni<Optional<Regenerate.Target>> target(long sid, @Nullable MessageId id);

  /// What a send of that name was answered.
  Uni<Optional<SendReceipt>> receipt(long sid, ClientMessageId id);

  /// The newest messages of the conversation, oldest first, without discarded ones.
  ///
  /// @param bytesMax their bytes as they are stored; the newest is told whatever it has
  Uni<List<ChatMessage>> history(long sid, int messagesMax, int bytesMax);

  /// Sessions with a running turn or a queue, by number, from the one after `afterSid` on.
  Uni<List<Unfinished>> unfinished(long afterSid, int limit);

  record Unfinished(long sid, SessionKey key) {}
}
