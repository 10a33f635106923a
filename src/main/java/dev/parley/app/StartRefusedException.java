package dev.parley.app;

/// Parley does not start, and the message tells an operator why in one line.
final class StartRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartRefusedException(String message) {
    super(message, null, false, false);
  }
}
