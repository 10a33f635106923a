package dev.parley.wire.call;

import dev.parley.effect.watch.SessionChange;
import dev.parley.session.ChatMessage;
import dev.parley.session.SessionKey;
import dev.parley.store.SessionInfo;
import dev.parley.store.json.ChatMessageJson;
import dev.parley.store.page.Page;
import dev.parley.store.page.Turn;
import java.time.Instant;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What is listed, and what becomes of it.
final class PageJson {
  private PageJson() {}

  static String history(SessionKey key, Page<ChatMessage> page) {
    return page(new JsonFields(), "messages", page, m -> ChatMessageJson.encode(key, m));
  }

  static String turns(SessionKey key, Page<Turn> page) {
    return page(new JsonFields(), "turns", page, turn -> turn(key, turn));
  }

  static String sessions(Page<SessionInfo> page) {
    return page(new JsonFields(), "sessions", page, ReplyJson::session);
  }

  static String change(SessionChange change) {
    return switch (change) {
      case SessionChange.Listed(var page) ->
          page(tagged("SessionListed"), "sessions", page, ReplyJson::session);
      case SessionChange.Changed(var session) ->
          tagged("SessionChanged").raw("session", ReplyJson.session(session)).toString();
      case SessionChange.Removed(var key) ->
          tagged("SessionRemoved").text("sessionId", key.toString()).toString();
    };
  }

  private static JsonFields tagged(String tag) {
    return new JsonFields().text("_tag", tag);
  }

  private static <T> String page(
      JsonFields fields, String name, Page<T> page, Function<T, String> item) {
    String items = page.items().stream().map(item).collect(Collectors.joining(",", "[", "]"));
    return fields.raw(name, items).flag("hasMore", page.hasMore()).toString();
  }

  private static String turn(SessionKey key, Turn turn) {
    Instant completedAt = turn.completedAt();
    return new JsonFields()
        .text("id", turn.id().value())
        .text("sessionId", key.toString())
        .text("messageId", turn.messageId().value())
        .text("status", turn.status())
        .text("startedAt", turn.startedAt().toString())
        .nullableText("completedAt", completedAt == null ? null : completedAt.toString())
        .nullableText("reason", turn.reason())
        .toString();
  }
}
