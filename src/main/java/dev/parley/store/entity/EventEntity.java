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

/// A stored event.
@Entity
@Immutable
@Table(name = "events")
@IdClass(EventEntity.Key.class)
@SuppressWarnings("NullAway.Init")
public class EventEntity extends PanacheEntityBase {
  @Id public long sid;

  @Id public long seq;

  @Column(columnDefinition = "text")
  public String type;

  public short version;

  @Column(name = "frame_seq")
  public long frameSeq;

  @Column(columnDefinition = "text")
  public String payload;

  @Column(name = "created_at")
  public Instant createdAt;

  public record Key(long sid, long seq) implements Serializable {}
}
