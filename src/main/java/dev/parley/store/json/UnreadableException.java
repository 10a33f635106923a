package dev.parley.store.json;

import org.jspecify.annotations.Nullable;

/// The store holds something that this version cannot read: an unknown type or version, or damage.
/// It concerns the session it is found in and no other.
public final class UnreadableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnreadableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
