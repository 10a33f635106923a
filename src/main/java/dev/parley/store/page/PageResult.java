package dev.parley.store.page;

/// What a look for a page of something in a session finds.
public sealed interface PageResult<T> {

  record Found<T>(Page<T> page) implements PageResult<T> {}

  /// No session has the key.
  record NoSession<T>() implements PageResult<T> {}

  /// The session has nothing of the name that the page was to begin at.
  record NoCursor<T>() implements PageResult<T> {}
}
