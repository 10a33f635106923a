package dev.parley.wire.rest;

import dev.parley.wire.auth.Access.Reason;

/// Nobody knows who sent a request. Made without a stack trace: it is an answer, not a defect.
final class UnauthenticatedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  UnauthenticatedException(Reason reason) {
    super(reason.name(), null, false, false);
    this.reason = reason;
  }

  Reason reason() {
    return reason;
  }
}
