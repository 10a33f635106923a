package dev.parley.session;

/// Carries a [Refusal] through a pipeline that fails instead of answering. Made without a stack
/// trace: a refusal is an answer, not a defect.
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  public RefusedException(Refusal refusal) {
    super(refusal.getClass().getSimpleName(), null, false, false);
    this.refusal = refusal;
  }

  public Refusal refusal() {
    return refusal;
  }

  /// Whether a pipeline has failed because there is no such session.
  public static boolean isSessionNotFound(Throwable failure) {
    return failure instanceof RefusedException refused
        && refused.refusal() instanceof Refusal.SessionNotFound;
  }
}
