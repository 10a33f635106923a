package dev.parley.store;

import dev.parley.content.MessageId;
import dev.parley.session.ChatMessage;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.store.InMemoryStore.Listed;
import dev.parley.store.page.HistoryPlace;
import dev.parley.store.page.Page;
import dev.parley.store.page.PageResult;
import dev.parley.store.page.Pages;
import dev.parley.store.page.Turn;
import dev.parley.store.page.TurnPlace;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Pages of the store in memory.
public final class InMemoryPages implements Pages {
  private static final Comparator<Listed> NEWEST_FIRST =
      Comparator.comparing((Listed l) -> l.info().lastActivityAt())
          .thenComparingLong(Listed::sid)
          .reversed();

  private final InMemoryStore store;

  public InMemoryPages(InMemoryStore store) {
    this.store = store;
  }

  @Override
  public Uni<PageResult<ChatMessage>> messages(
      SessionKey key, HistoryPlace place, int limit, int bytesMax) {
    return store.call(() -> {
      Listed session = session(key);
      if (session == null) {
        return new PageResult.NoSession<>();
      }
      Tables tables = store.tables(session.sid());
      boolean forward =
          place instanceof HistoryPlace.Beginning || place instanceof HistoryPlace.After;
      int at =
          switch (place) {
            case HistoryPlace.Beginning _ -> -1;
            case HistoryPlace.After after -> place(tables, after.id());
            case HistoryPlace.Before before -> place(tables, before.id());
            case HistoryPlace.End _ -> tables.messages().size();
          };
      if (at < 0 && !(place instanceof HistoryPlace.Beginning)) {
        return new PageResult.NoCursor<>();
      }
      List<Projection.MessageRow> rows =
          forward
              ? tables.messages().subList(at + 1, tables.messages().size())
              : tables.messages().subList(0, at).reversed();
      return new PageResult.Found<>(
          page(
              tables,
              rows.stream().filter(m -> !m.discarded()).toList(),
              limit,
              bytesMax,
              !forward));
    });
  }

  private static Page<ChatMessage> page(
      Tables tables,
      List<Projection.MessageRow> rows,
      int limit,
      int bytesMax,
      boolean newestFirst) {
    List<ChatMessage> messages = new ArrayList<>();
    long bytes = 0;
    for (Projection.MessageRow row : rows) {
      StoredEvent stored = tables.events().get((int) row.eventSeq() - 1);
      bytes += TextColumns.bytes(stored.payload());
      if (messages.size() == limit || (bytes > bytesMax && !messages.isEmpty())) {
        break;
      }
      messages.add(SessionFold.message(row.id().value(), stored.event()));
    }
    boolean hasMore = messages.size() < rows.size();
    if (newestFirst) {
      Collections.reverse(messages);
    }
    return new Page<>(messages, hasMore);
  }

  private static int place(Tables tables, MessageId id) {
    return indexOf(tables.messages().stream().map(Projection.MessageRow::id).toList(), id);
  }

  @Override
  public Uni<PageResult<Turn>> turns(SessionKey key, @Nullable TurnId after, int limit) {
    return store.call(() -> {
      Listed session = session(key);
      if (session == null) {
        return new PageResult.NoSession<>();
      }
      List<Turn> turns =
          store.tables(session.sid()).turns().stream()
              .map(t ->
                  new Turn(
                      t.turnId(),
                      t.messageId(),
                      t.status(),
                      t.startedAt(),
                      t.completedAt(),
                      t.reason()))
              .toList();
      int at = after == null ? -1 : indexOf(turns.stream().map(Turn::id).toList(), after);
      return after != null && at < 0
          ? new PageResult.NoCursor<>()
          : new PageResult.Found<>(cut(turns.subList(at + 1, turns.size()), limit));
    });
  }

  @Override
  public Uni<Optional<TurnPlace>> turnOf(SessionKey key, MessageId id) {
    return store.call(() -> {
      Listed session = session(key);
      return session == null
          ? Optional.empty()
          : store.tables(session.sid()).turns().stream()
              .filter(t -> t.messageId().equals(id) || t.answerId().equals(id))
              .max(Comparator.comparingLong(Projection.TurnRow::firstFrame))
              .map(t ->
                  new TurnPlace(
                      session.sid(),
                      t.turnId(),
                      t.messageId(),
                      t.answerId(),
                      t.status(),
                      t.reason(),
                      t.firstFrame(),
                      t.lastFrame()));
    });
  }

  @Override
  public Uni<Optional<Page<SessionInfo>>> sessions(
      String userId, @Nullable String agentId, @Nullable SessionKey after, int limit) {
    return store.call(() -> {
      List<Listed> all =
          store.listed().stream()
              .filter(l -> l.info().key().userId().equals(userId))
              .sorted(NEWEST_FIRST)
              .toList();
      int at = after == null ? -1 : indexOf(all.stream().map(l -> l.info().key()).toList(), after);
      if (after != null && at < 0) {
        return Optional.empty();
      }
      return Optional.of(
          cut(
              all.subList(at + 1, all.size()).stream()
                  .map(Listed::info)
                  .filter(i -> agentId == null || i.key().agentId().equals(agentId))
                  .toList(),
              limit));
    });
  }

  @Override
  public Uni<List<SessionInfo>> sessions(Collection<SessionKey> keys) {
    return store.call(() ->
        store.listed().stream().map(Listed::info).filter(i -> keys.contains(i.key())).toList());
  }

  @Override
  public Uni<Map<String, Instant>> lastActivity(Collection<String> userIds) {
    return store.call(() -> {
      Map<String, Instant> times = new HashMap<>();
      for (Listed listed : store.listed()) {
        String userId = listed.info().key().userId();
        if (userIds.contains(userId)) {
          times.merge(userId, listed.info().lastActivityAt(), (a, b) -> a.isAfter(b) ? a : b);
        }
      }
      return times;
    });
  }

  private @Nullable Listed session(SessionKey key) {
    return store.listed().stream().filter(l -> l.info().key().equals(key)).findFirst().orElse(null);
  }

  private static <T> int indexOf(List<T> all, T one) {
    return IntStream.range(0, all.size())
        .filter(i -> all.get(i).equals(one))
        .findFirst()
        .orElse(-1);
  }

  private static <T> Page<T> cut(List<T> items, int limit) {
    return new Page<>(items.subList(0, Math.min(limit, items.size())), items.size() > limit);
  }
}
