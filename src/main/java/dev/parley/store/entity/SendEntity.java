package dev.parley.store.entity;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/// What a send that named itself was answered.
@Entity
@Immutable
@Table(name = "sends")
@IdClass(SendEntity.Key.class)
@SuppressWarnings("NullAway.Init")
public class SendEntity extends PanacheEntityBase {
  @Id public long sid;

  @Id
  @Column(name = "client_message_id", columnDefinition = "text")
  public String clientMessageId;

  @Column(name = "message_id", columnDefinition = "text")
  public String messageId;

  @Column(name = "turn_id", columnDefinition = "text")
  public @Nullable String turnId;

  @Column(name = "sent_at")
  public Instant sentAt;

  public record Key(long sid, String clientMessageId) implements Serializable {}
}
