package dev.parley.wire.auth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Who is calling, as far as anybody made sure.
public sealed interface Caller {
  /// The only one there is while authentication is off.
  Caller EVERYBODY = new Everybody();

  /// Whose keys he reaches; absent: everybody's.
  @Nullable String userId();

  /// When he has to show another token, the tolerance of clocks included; absent: never.
  @Nullable Instant expiresAt();

  /// Nobody asks.
  record Everybody() implements Caller {
    @Override
    public @Nullable String userId() {
      return null;
    }

    @Override
    public @Nullable Instant expiresAt() {
      return null;
    }
  }

  /// A user, who reaches his own keys.
  record User(String userId, Instant expiresAt) implements Caller {}

  /// A user who may make operators' calls beside.
  record Operator(String userId, Instant expiresAt) implements Caller {}
}
