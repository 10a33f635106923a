package dev.parley.effect.watch;

import dev.parley.session.SessionKey;
import dev.parley.store.SessionInfo;
import dev.parley.store.page.Page;

/// What whoever watches a user's sessions is told.
public sealed interface SessionChange {

  /// The list, newest activity first: it takes the place of everything told before.
  record Listed(Page<SessionInfo> sessions) implements SessionChange {}

  /// A session as it is now, new or not. In a list it stands first or where its activity puts it.
  record Changed(SessionInfo session) implements SessionChange {}

  /// There is no such session any more; there may never have been one in the list.
  record Removed(SessionKey key) implements SessionChange {}
}
