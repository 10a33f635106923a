package dev.parley.app;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jboss.logging.Logger;

/// What signals ask of this process: the first that it stops, the second that it hurries. A start
/// is gone through with before it is stopped; a second request in the middle of it ends the process
/// there and then, as a crash does, and so does a third one at any time.
final class StopRequests {
  private static final Logger LOG = Logger.getLogger(StopRequests.class);

  /// What the shell makes of SIGTERM.
  private static final int TERMINATED = 128 + 15;

  private static final CompletableFuture<Void> STOP = new CompletableFuture<>();
  private static final CompletableFuture<Void> HURRY = new CompletableFuture<>();
  private static volatile boolean heard;

  private StopRequests() {}

  /// From now on signals are heard here.
  static void listen() {
    try {
      StopSignal.listen(StopRequests::ask);
    } catch (IllegalArgumentException kept) {
      LOG.warnf("Signals cannot be heard, a stop is not a graceful one: %s", kept.getMessage());
    }
  }

  private static void ask() {
    boolean again = STOP.isDone();
    if (HURRY.isDone() || (again && !heard)) {
      Runtime.getRuntime().halt(TERMINATED);
    }
    boolean _ = (again ? HURRY : STOP).complete(null);
  }

  /// Somebody answers from now on.
  static void answer(Runnable stop, Runnable hurry) {
    heard = true;
    CompletionStage<Void> _ = STOP.thenRun(stop);
    CompletionStage<Void> _ = HURRY.thenRun(hurry);
  }
}
