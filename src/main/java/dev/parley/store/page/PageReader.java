package dev.parley.store.page;

import dev.parley.session.ChatMessage;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.store.SessionInfo;
import dev.parley.store.SessionReader;
import io.smallrye.mutiny.Uni;
import org.jspecify.annotations.Nullable;

/// Pages for those who only look. Fails with [RefusedException]: `SessionNotFound`,
/// `InvalidRequest` naming the field of a cursor that is nothing's name, or `Failed` with
/// `UNAVAILABLE` or `EVENT_UNREADABLE`.
public final class PageReader {
  private final Pages pages;
  private final int historyBytesMax;

  /// @param historyBytesMax bytes of one page of history
  public PageReader(Pages pages, int historyBytesMax) {
    this.pages = pages;
    this.historyBytesMax = historyBytesMax;
  }

  /// Messages of the session's history, oldest first.
  public Uni<Page<ChatMessage>> history(SessionKey key, HistoryPlace place, int limit) {
    return answered(
        key,
        switch (place) {
          case HistoryPlace.Beginning _, HistoryPlace.After _ -> "afterMessageId";
          case HistoryPlace.End _, HistoryPlace.Before _ -> "beforeMessageId";
        },
        pages.messages(key, place, limit, historyBytesMax));
  }

  /// The session's turns, oldest first.
  public Uni<Page<Turn>> turns(SessionKey key, @Nullable TurnId after, int limit) {
    return answered(key, "after", pages.turns(key, after, limit));
  }

  /// The user's sessions, newest activity first.
  public Uni<Page<SessionInfo>> sessions(
      String userId, @Nullable String agentId, @Nullable SessionKey after, int limit) {
    return pages
        .sessions(userId, agentId, after, limit)
        .map(found -> found.orElseThrow(() -> noCursor("after")))
        .onFailure()
        .transform(SessionReader::refused);
  }

  private static <T> Uni<Page<T>> answered(
      SessionKey key, String cursor, Uni<PageResult<T>> result) {
    return result
        .map(found ->
            switch (found) {
              case PageResult.Found<T> page -> page.page();
              case PageResult.NoSession<T> _ ->
                  throw new RefusedException(new Refusal.SessionNotFound(key));
              case PageResult.NoCursor<T> _ -> throw noCursor(cursor);
            })
        .onFailure()
        .transform(SessionReader::refused);
  }

  private static RefusedException noCursor(String field) {
    return new RefusedException(
        new Refusal.InvalidRequest("there is nothing of this name to go on from", field));
  }
}
