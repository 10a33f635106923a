package dev.parley.actor;

/// Who waits for an actor to come so far: to have settled in, to be at rest, to be gone. Each is
/// called back once, on the actor's loop.
final class Milestones {
  private Runnable settled = Milestones::nothing;
  private Runnable rested = Milestones::nothing;
  private Runnable gone;
  private boolean isGone;

  Milestones(Runnable gone) {
    this.gone = gone;
  }

  /// When it is active, or cannot be.
  void onSettled(Runnable callback) {
    settled = then(settled, callback);
  }

  /// When nothing runs and nothing waits, or when it is gone.
  void onRest(Runnable callback) {
    rested = then(rested, callback);
  }

  /// When it is an actor no longer; at once when it is gone already.
  void onGone(Runnable callback) {
    if (isGone) {
      callback.run();
    } else {
      gone = then(gone, callback);
    }
  }

  void settled() {
    Runnable told = settled;
    settled = Milestones::nothing;
    told.run();
  }

  void rested() {
    Runnable told = rested;
    rested = Milestones::nothing;
    told.run();
  }

  void gone() {
    isGone = true;
    settled();
    rested();
    Runnable told = gone;
    gone = Milestones::nothing;
    told.run();
  }

  private static Runnable then(Runnable first, Runnable second) {
    return () -> {
      first.run();
      second.run();
    };
  }

  private static void nothing() {}
}
