package dev.parley.actor;

import dev.parley.content.MessageId;
import dev.parley.session.ChatMessage;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command.Regenerate;
import dev.parley.session.SendReceipt;
import dev.parley.session.SessionKey;
import dev.parley.store.EventStore;
import dev.parley.store.StoredSession;
import dev.parley.store.json.UnreadableException;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A store that holds something unreadable of one session.
record DamagedStore(EventStore store, long damaged) implements EventStore {

  @Override
  public Uni<StoredSession> load(long sid) {
    return sid == damaged ? unreadable() : store.load(sid);
  }

  @Override
  public Uni<StoredSession> loadHead(long sid) {
    return sid == damaged ? unreadable() : store.loadHead(sid);
  }

  private static Uni<StoredSession> unreadable() {
    return Uni.createFrom().failure(new UnreadableException("event 7 is of an unknown type", null));
  }

  @Override
  public Uni<OptionalLong> find(SessionKey key) {
    return store.find(key);
  }

  @Override
  public Uni<Boolean> hasSessions(String userId, int count) {
    return store.hasSessions(userId, count);
  }

  @Override
  public Uni<Long> reserve(SessionKey key) {
    return store.reserve(key);
  }

  @Override
  public Uni<OptionalLong> claim(long sid, String node) {
    return store.claim(sid, node);
  }

  @Override
  public Uni<OptionalLong> reclaim(long sid, String node, long epoch) {
    return store.reclaim(sid, node, epoch);
  }

  @Override
  public Uni<Optional<Regenerate.Target>> target(long sid, @Nullable MessageId id) {
    return store.target(sid, id);
  }

  @Override
  public Uni<Optional<SendReceipt>> receipt(long sid, ClientMessageId id) {
    return store.receipt(sid, id);
  }

  @Override
  public Uni<List<ChatMessage>> history(long sid, int messagesMax, int bytesMax) {
    return store.history(sid, messagesMax, bytesMax);
  }

  @Override
  public Uni<List<Unfinished>> unfinished(long afterSid, int limit) {
    return store.unfinished(afterSid, limit);
  }
}
