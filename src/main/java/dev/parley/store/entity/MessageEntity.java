package dev.parley.store.entity;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import org.hibernate.annotations.Immutable;

/// The place of a message in history.
@Entity
@Immutable
@Table(name = "messages")
@IdClass(MessageEntity.Key.class)
@SuppressWarnings("NullAway.Init")
public class MessageEntity extends PanacheEntityBase {
  @Id public long sid;

  @Id public long ord;

  @Column(name = "message_id", columnDefinition = "text")
  public String messageId;

  @Column(columnDefinition = "text")
  public String role;

  @Column(name = "event_seq")
  public long eventSeq;

  public boolean discarded;

  public record Key(long sid, long ord) implements Serializable {}
}
