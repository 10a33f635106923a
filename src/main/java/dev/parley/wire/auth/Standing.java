package dev.parley.wire.auth;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import io.smallrye.mutiny.Uni;

/// Who is at the other end, now. Used on the connection's context.
public interface Standing {

  Caller caller();

  /// Lets the connection go on under a later token of the same user. Fails with [RefusedException]:
  /// `NotAllowed` for a token of another user or one that is no good, `InvalidRequest` where there
  /// is nothing to renew.
  ///
  /// @return who it is from now on
  Uni<Caller> renew(String token);

  /// Of what ends before it could need another token.
  static Standing of(Caller caller) {
    return new Standing() {
      @Override
      public Caller caller() {
        return caller;
      }

      @Override
      public Uni<Caller> renew(String token) {
        return Uni.createFrom()
            .failure(
                new RefusedException(
                    new Refusal.InvalidRequest("There is no token to renew here.", null)));
      }
    };
  }
}
