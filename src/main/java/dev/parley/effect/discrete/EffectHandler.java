package dev.parley.effect.discrete;

import dev.parley.store.ClaimedEffect;
import dev.parley.store.EffectQueue;
import io.smallrye.mutiny.Uni;

/// Carries out effects.
public interface EffectHandler {

  /// Carries the effect out, for the first time or again: its id is the same each time. Ends by
  /// itself well before the lease does; cancelling gives it up at once. May emit on any thread.
  Uni<Outcome> execute(ClaimedEffect effect);

  /// What came of an attempt.
  sealed interface Outcome {
    record Done() implements Outcome {}

    /// @param error what operators are told: of which sort the failure was, never what was said, an
    ///   address or a secret
    /// @param again whether another attempt may help
    record Failed(String error, boolean again) implements Outcome {
      public Failed {
        error = error.substring(0, Math.min(error.length(), EffectQueue.ERROR_LENGTH_MAX));
      }
    }
  }
}
