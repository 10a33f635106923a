package dev.parley.store;

import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Set;

/// Carries one batch at a time to the store.
public interface CommitLane {

  /// Applies each append whose session is as it expects, all in one commit. At most one append per
  /// session.
  ///
  /// @return the sessions whose append is durable; fails with [CommitFailure] or, for an outcome
  ///   that is not known, with anything else
  Uni<Set<Long>> commit(List<PreparedAppend> batch);

  /// Nothing of the batch was written.
  final class CommitFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What may help.
    public enum Remedy {
      /// One of the appends is to blame.
      BISECT,
      /// The same batch again.
      RETRY
    }

    private final Remedy remedy;
    private final String sqlState;

    public CommitFailure(Remedy remedy, String sqlState) {
      super(remedy + " " + sqlState, null, false, false);
      this.remedy = remedy;
      this.sqlState = sqlState;
    }

    public Remedy remedy() {
      return remedy;
    }

    public String sqlState() {
      return sqlState;
    }
  }
}
