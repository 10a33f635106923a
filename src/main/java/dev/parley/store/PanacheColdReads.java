package dev.parley.store;

import dev.parley.content.MessageId;
import dev.parley.content.Usage;
import dev.parley.session.ChatMessage;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Incarnation;
import dev.parley.session.SendReceipt;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.store.entity.EventEntity;
import dev.parley.store.entity.MessageEntity;
import dev.parley.store.entity.SendEntity;
import dev.parley.store.entity.SessionEntity;
import dev.parley.store.json.EventJson;
import dev.parley.store.json.UnreadableException;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Cold reads by Panache.
public final class PanacheColdReads implements ColdReads {
  private final PanacheSession entities;

  public PanacheColdReads(Vertx vertx, Database database) {
    this.entities = new PanacheSession(vertx, database);
  }

  @Override
  public Uni<Optional<SessionInfo>> info(SessionKey key) {
    return entities
        .read(() ->
            SessionEntity.<SessionEntity>find(
                    "userId = ?1 and agentId = ?2 and threadId = ?3 and createdAt is not null"
                        + " and deletedAt is null",
                    key.userId(),
                    key.agentId(),
                    key.threadId())
                .firstResult())
        .map(found -> Optional.ofNullable(found).map(PanacheColdReads::info));
  }

  @Override
  public Uni<Optional<SendReceipt>> receipt(long sid, ClientMessageId id) {
    return entities
        .read(() -> SendEntity.<SendEntity>findById(new SendEntity.Key(sid, id.value())))
        .map(found ->
            Optional.ofNullable(found)
                .map(send ->
                    new SendReceipt(
                        new MessageId(send.messageId),
                        send.turnId == null ? null : new TurnId(send.turnId),
                        send.sentAt)));
  }

  @Override
  public Uni<Optional<ChatMessage>> message(long sid, MessageId id) {
    return entities
        .read(() ->
            Panache.getSession()
                .flatMap(session ->
                    session
                        .createSelectionQuery(
                            """
                            select m, e from MessageEntity m
                              join EventEntity e on e.sid = m.sid and e.seq = m.eventSeq
                             where m.sid = :sid and m.messageId = :id
                            """,
                            Object[].class)
                        .setParameter("sid", sid)
                        .setParameter("id", id.value())
                        .getSingleResultOrNull()))
        .map(row ->
            Optional.ofNullable(row)
                .map(found -> message((MessageEntity) found[0], (EventEntity) found[1])));
  }

  @Override
  public Uni<List<EventStore.Unfinished>> unfinished(long afterSid, int limit) {
    return entities
        .read(() ->
            SessionEntity.<SessionEntity>find(
                    "(status = 'streaming' or queueLength > 0) and sid > ?1 order by sid", afterSid)
                .page(0, limit)
                .list())
        .map(found -> found.stream().map(s -> new EventStore.Unfinished(s.sid, key(s))).toList());
  }

  private static SessionKey key(SessionEntity session) {
    return new SessionKey(session.userId, session.agentId, session.threadId);
  }

  private static SessionInfo info(SessionEntity session) {
    return new SessionInfo(
        key(session),
        new Incarnation(present(session.incarnation)),
        session.title,
        session.status.equals("streaming"),
        session.model,
        new Usage(
            session.inputTokens,
            session.outputTokens,
            session.cacheReadTokens,
            session.cacheCreationTokens),
        present(session.createdAt),
        present(session.lastActivityAt));
  }

  /// A column that every created session has.
  private static <T> T present(@Nullable T stored) {
    if (stored == null) {
      throw new UnreadableException("a created session lacks a column", null);
    }
    return stored;
  }

  /// A message's text is in the event that its row names.
  private static ChatMessage message(MessageEntity row, EventEntity stored) {
    return SessionFold.message(
        row.messageId, EventJson.decode(stored.type, stored.version, stored.payload));
  }
}
