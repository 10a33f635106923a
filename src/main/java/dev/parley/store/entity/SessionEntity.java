package dev.parley.store.entity;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/// A session as lists show it.
@Entity
@Immutable
@Table(name = "sessions")
@SuppressWarnings("NullAway.Init")
public class SessionEntity extends PanacheEntityBase {
  @Id public long sid;

  @Column(name = "user_id", columnDefinition = "text")
  public String userId;

  @Column(name = "agent_id", columnDefinition = "text")
  public String agentId;

  @Column(name = "thread_id", columnDefinition = "text")
  public String threadId;

  @Column(columnDefinition = "text")
  public @Nullable String incarnation;

  @Column(columnDefinition = "text")
  public @Nullable String title;

  @Column(columnDefinition = "text")
  public String status;

  @Column(name = "queue_length")
  public int queueLength;

  @Column(columnDefinition = "text")
  public @Nullable String model;

  @Column(name = "input_tokens")
  public long inputTokens;

  @Column(name = "output_tokens")
  public long outputTokens;

  @Column(name = "cache_read_tokens")
  public long cacheReadTokens;

  @Column(name = "cache_creation_tokens")
  public long cacheCreationTokens;

  /// Absent while the number is only reserved.
  @Column(name = "created_at")
  public @Nullable Instant createdAt;

  @Column(name = "last_activity_at")
  public @Nullable Instant lastActivityAt;

  @Column(name = "deleted_at")
  public @Nullable Instant deletedAt;
}
