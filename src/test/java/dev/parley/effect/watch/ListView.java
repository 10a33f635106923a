package dev.parley.effect.watch;

import dev.parley.session.SessionKey;
import dev.parley.store.SessionInfo;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a client shows that takes everything as the protocol says.
final class ListView {
  private final Map<SessionKey, SessionInfo> sessions = new LinkedHashMap<>();

  /// Sessions of this time and older ones may be missing: the client would list them in pages.
  private Instant reach = Instant.MIN;

  static ListView of(List<List<SessionChange>> batches) {
    ListView view = new ListView();
    batches.forEach(batch -> batch.forEach(view::take));
    return view;
  }

  private void take(SessionChange change) {
    switch (change) {
      case SessionChange.Listed(var page) -> {
        sessions.clear();
        page.items().forEach(session -> sessions.put(session.key(), session));
        reach = page.hasMore() ? page.items().getLast().lastActivityAt() : Instant.MIN;
      }
      case SessionChange.Changed(var session) -> sessions.put(session.key(), session);
      case SessionChange.Removed(var key) -> sessions.remove(key);
    }
  }

  Collection<SessionInfo> sessions() {
    return List.copyOf(sessions.values());
  }

  /// Whether the client must know the session.
  boolean reaches(SessionInfo session) {
    return session.lastActivityAt().isAfter(reach);
  }
}
