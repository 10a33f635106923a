package dev.parley.effect.watch;

import dev.parley.effect.watch.SessionChange.Changed;
import dev.parley.effect.watch.SessionChange.Listed;
import dev.parley.effect.watch.SessionChange.Removed;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.store.SessionInfo;
import dev.parley.store.SessionReader;
import dev.parley.store.page.Page;
import dev.parley.store.page.Pages;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/// One client's view of one user's sessions. On the user's loop, except for [#request] and
/// [#cancel], which may come from any thread.
final class Watch implements Flow.Subscription {
  private static final FieldLog LOG = FieldLog.of(Watch.class);

  private final UserFeed feed;
  private final EventLoop loop;
  private final Pages pages;
  private final Settings settings;
  private final Flow.Subscriber<? super List<SessionChange>> client;
  private final Consumer<Watch> gone;

  /// Sessions whose present state the client has not been told, the longest waiting first.
  private final Set<SessionKey> untold = new LinkedHashSet<>();

  /// The whole list is to be told.
  private boolean all = true;

  private Phase phase = Phase.OPEN;
  private long demand;

  /// @param listedMax sessions in one list
  /// @param untoldMax sessions that may wait to be told; beyond, the whole list is
  /// @param batchMax changes in one batch
  record Settings(int listedMax, int untoldMax, int batchMax) {}

  private enum Phase {
    /// Nothing is on its way from the store.
    OPEN,
    /// What is to be told is being read.
    READING,
    ENDED
  }

  /// @param gone called once when it has ended, for whatever reason
  Watch(
      UserFeed feed,
      EventLoop loop,
      Pages pages,
      Settings settings,
      Flow.Subscriber<? super List<SessionChange>> client,
      Consumer<Watch> gone) {
    this.feed = feed;
    this.loop = loop;
    this.pages = pages;
    this.settings = settings;
    this.client = client;
    this.gone = gone;
  }

  UserFeed feed() {
    return feed;
  }

  @Override
  public void request(long n) {
    loop.execute(() -> {
      if (phase == Phase.ENDED) {
        return;
      }
      if (n <= 0) {
        end();
        client.onError(new IllegalArgumentException("demand is positive"));
        return;
      }
      demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
      pump();
    });
  }

  @Override
  public void cancel() {
    loop.execute(this::end);
  }

  /// A session of the user is not what it was.
  void changed(SessionKey key) {
    if (!all && untold.add(key) && untold.size() > settings.untoldMax()) {
      tellAll();
    }
    pump();
  }

  /// The client may have missed something: it is told the whole list again.
  void tellAll() {
    untold.clear();
    all = true;
    pump();
  }

  /// Reads what is to be told, once it is asked for. What changes from here on is told afterwards,
  /// whether the read has seen it or not.
  private void pump() {
    if (phase != Phase.OPEN || demand == 0) {
      return;
    }
    if (all) {
      all = false;
      read(
          pages.sessions(feed.userId(), null, null, settings.listedMax()),
          found -> list(found.orElseThrow()));
    } else if (!untold.isEmpty()) {
      List<SessionKey> keys = untold.stream().limit(settings.batchMax()).toList();
      keys.forEach(untold::remove);
      read(pages.sessions(keys), found -> changes(keys, found));
    }
  }

  private List<SessionChange> list(Page<SessionInfo> page) {
    feed.begun(page.items().isEmpty() ? Instant.MIN : page.items().getFirst().lastActivityAt());
    return List.of(new Listed(page));
  }

  private static List<SessionChange> changes(List<SessionKey> keys, List<SessionInfo> found) {
    Map<SessionKey, SessionInfo> present =
        found.stream().collect(Collectors.toMap(SessionInfo::key, Function.identity()));
    List<SessionChange> changes = new ArrayList<>(keys.size());
    for (SessionKey key : keys) {
      SessionInfo session = present.get(key);
      changes.add(session == null ? new Removed(key) : new Changed(session));
    }
    return changes;
  }

  /// Tells what was read, on the loop, unless the stream has ended meanwhile.
  private <T> void read(Uni<T> read, Function<T, List<SessionChange>> told) {
    phase = Phase.READING;
    read.subscribe()
        .with(
            found ->
                loop.execute(() -> {
                  if (phase != Phase.ENDED) {
                    phase = Phase.OPEN;
                    demand--;
                    client.onNext(told.apply(found));
                    pump();
                  }
                }),
            failure -> loop.execute(() -> failed(failure)));
  }

  /// Ends the stream with the refusal.
  void fail(Refusal refusal) {
    if (phase != Phase.ENDED) {
      end();
      client.onError(new RefusedException(refusal));
    }
  }

  private void failed(Throwable failure) {
    Throwable told = SessionReader.refused(failure);
    if (told instanceof RefusedException refused) {
      fail(refused.refusal());
    } else if (phase != Phase.ENDED) {
      LOG.errorf(Fields.NONE, failure, "A list was not read, its watch ends");
      end();
      client.onError(failure);
    }
  }

  private void end() {
    if (phase != Phase.ENDED) {
      phase = Phase.ENDED;
      feed.remove(this);
      gone.accept(this);
    }
  }
}
