package dev.parley.store;

import dev.parley.content.JsonText;
import dev.parley.session.SessionKey;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Discrete effects as operators see them. Every `Uni` may emit on any thread, and fails with
/// [StoreUnavailableException] while the store is away.
public interface EffectInspector {

  /// Effects in the order of their ids.
  ///
  /// @param status of which status; absent: of any
  /// @param afterId the id before the first one wanted; empty: from the first on
  Uni<List<StoredEffect>> list(@Nullable EffectStatus status, String afterId, int limit);

  Uni<Optional<StoredEffect>> find(String id);

  /// Lets a failed effect run once more, at once, with a new allowance of attempts and of time. It
  /// takes up its old place in its session's order, and waits for nothing that is under way.
  Uni<Rerun> rerun(String id);

  /// What became of a [#rerun].
  sealed interface Rerun {
    /// It is pending again.
    record Done(StoredEffect effect) implements Rerun {}

    /// It has not failed; nothing was changed.
    record NotFailed(StoredEffect effect) implements Rerun {}

    record Unknown() implements Rerun {}
  }

  /// @param payload ids only, never what was said
  /// @param attempts all that there ever were
  /// @param nextAttemptAt while it is pending
  /// @param leaseUntil while it is executing
  /// @param finishedAt once it is completed or failed
  record StoredEffect(
      String id,
      long sid,
      SessionKey key,
      String kind,
      String dedupeKey,
      JsonText payload,
      EffectStatus status,
      int attempts,
      @Nullable String lastError,
      Instant createdAt,
      Instant expiresAt,
      @Nullable Instant lastAttemptAt,
      @Nullable Instant nextAttemptAt,
      @Nullable Instant leaseUntil,
      @Nullable Instant finishedAt) {}
}
