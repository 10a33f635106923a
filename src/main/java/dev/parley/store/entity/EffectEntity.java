package dev.parley.store.entity;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/// A discrete effect and how far it has come.
@Entity
@Immutable
@Table(name = "effects")
@SuppressWarnings("NullAway.Init")
public class EffectEntity extends PanacheEntityBase {
  @Id
  @Column(columnDefinition = "text")
  public String id;

  public long sid;

  @Column(columnDefinition = "text")
  public String kind;

  @Column(name = "dedupe_key", columnDefinition = "text")
  public String dedupeKey;

  @Column(columnDefinition = "text")
  public String payload;

  @Column(columnDefinition = "text")
  public String status;

  public int attempts;

  @Column(name = "last_error", columnDefinition = "text")
  public @Nullable String lastError;

  @Column(name = "created_at")
  public Instant createdAt;

  @Column(name = "expires_at")
  public Instant expiresAt;

  @Column(name = "last_attempt_at")
  public @Nullable Instant lastAttemptAt;

  @Column(name = "next_attempt_at")
  public @Nullable Instant nextAttemptAt;

  @Column(name = "lease_until")
  public @Nullable Instant leaseUntil;

  @Column(name = "finished_at")
  public @Nullable Instant finishedAt;
}
