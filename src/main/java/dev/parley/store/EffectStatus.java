package dev.parley.store;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// How far a discrete effect has come.
///
/// `pending` → claim → `executing` → complete → `completed`, or → retry → `pending`, or → fail →
/// `failed`. A lease that runs out leaves it `executing` and claimable. `pending` becomes `failed`
/// when it expires; `failed` becomes `pending` by an operator's re-run.
public enum EffectStatus {
  /// Waits for its next attempt.
  PENDING,
  /// An attempt is under way, until its lease ends.
  EXECUTING,
  /// It was carried out, and never is again.
  COMPLETED,
  /// It was given up: after its last attempt, or because it expired.
  FAILED;

  /// The word that the store, operators and metrics use.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The status of that word, if it is one.
  public static Optional<EffectStatus> of(String word) {
    return Arrays.stream(values()).filter(status -> status.word().equals(word)).findFirst();
  }
}
