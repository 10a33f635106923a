package dev.parley.store;

/// What became of an append.
public sealed interface AppendResult {

  /// It is durable.
  record Applied() implements AppendResult {}

  /// Nothing was written: the session's head is not (or was for a moment not) as the append
  /// expects. Its owner has changed, or another statement held the row.
  record Missed() implements AppendResult {}

  /// Nothing was written, and nothing ever will be: the store refuses what it was given.
  ///
  /// @param sqlState PostgreSQL's code
  record Refused(String sqlState) implements AppendResult {}

  /// It may have been written or not. Claiming the session again and comparing the head's
  /// `last_commit` tells which.
  record Unknown() implements AppendResult {}
}
