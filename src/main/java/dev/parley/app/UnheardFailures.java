package dev.parley.app;

import dev.parley.session.RefusedException;
import dev.parley.wire.Defects;
import io.smallrye.mutiny.infrastructure.Infrastructure;

/// What fails after nobody waits for it any more: a call whose client has gone. Its refusal was
/// that client's business alone; anything else is a defect. Mutiny by itself would log both as
/// errors, and the words of the exception too.
final class UnheardFailures {
  private UnheardFailures() {}

  static void listen() {
    Infrastructure.setDroppedExceptionHandler(UnheardFailures::hear);
  }

  private static void hear(Throwable failure) {
    if (!(failure instanceof RefusedException)) {
      Defects.logUnheard(failure);
    }
  }
}
