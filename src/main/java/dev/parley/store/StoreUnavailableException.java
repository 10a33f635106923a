package dev.parley.store;

import org.jspecify.annotations.Nullable;

/// The store could not be reached or did not answer in time. Trying again later may work.
public final class StoreUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
