package dev.parley.effect.watch;

import dev.parley.log.Failures;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.loop.EventLoops;
import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import dev.parley.store.page.Pages;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Multi;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;

/// Tells whoever watches a user's sessions what becomes of them. Woken by every commit that changes
/// one; a sweep on a schedule notices a store that is away and wakes that were lost.
public final class SessionWatches {
  private static final FieldLog LOG = FieldLog.of(SessionWatches.class);

  private final Pages pages;
  private final EventLoops loops;
  private final EventLoop loop;
  private final Settings settings;
  private final Counter rescued;

  /// Each feed is touched on its user's loop only.
  private final Map<String, UserFeed> feeds = new ConcurrentHashMap<>();

  private final Deque<String> round = new ArrayDeque<>();
  private boolean running;
  private volatile boolean stopped;

  /// @param pollInterval between two sweeps
  /// @param sweepUsersMax users looked at in one sweep; the next goes on with the others
  /// @param listedMax sessions in one list
  /// @param untoldMax sessions that may wait to be told to one client; beyond, it is told the list
  /// @param batchMax changes in one batch
  public record Settings(
      Duration pollInterval, int sweepUsersMax, int listedMax, int untoldMax, int batchMax) {

    Watch.Settings watch() {
      return new Watch.Settings(listedMax, untoldMax, batchMax);
    }
  }

  /// @param loop for the sweep
  public SessionWatches(
      Pages pages, EventLoops loops, EventLoop loop, MeterRegistry metrics, Settings settings) {
    this.pages = pages;
    this.loops = loops;
    this.loop = loop;
    this.settings = settings;
    this.rescued =
        Counter.builder("parley.watch.rescued")
            .description("Lists told again because only the sweep found a change: lost wakes")
            .register(metrics);
    Gauge.builder("parley.watch.users", feeds, Map::size)
        .description("Users whose lists are watched")
        .register(metrics);
  }

  /// Starts the sweep. Once is enough.
  public void start() {
    loop.execute(() -> {
      if (!running && !stopped) {
        running = true;
        next();
      }
    });
  }

  /// Stops the sweep and ends every watch with `DRAINING`, those to come too. Stopping twice is
  /// fine.
  public void stop() {
    stopped = true;
    loop.execute(() -> running = false);
    endAll(Refusal.draining());
  }

  /// The user's sessions for one client, in batches: first the list, then what changes, for ever.
  ///
  /// Asking for the next batch says that the client has acknowledged the one before; ask for one at
  /// a time. Silent while there is nothing. Fails with [RefusedException]. Emits on a loop of its
  /// user's.
  public Multi<List<SessionChange>> watch(String userId) {
    return Multi.createFrom().publisher(client -> watch(userId, client));
  }

  private void watch(String userId, Flow.Subscriber<? super List<SessionChange>> client) {
    EventLoop own = loop(userId);
    own.execute(() -> {
      UserFeed feed = feeds.computeIfAbsent(userId, UserFeed::new);
      Watch watch = new Watch(feed, own, pages, settings.watch(), client, this::gone);
      feed.add(watch);
      client.onSubscribe(watch);
      if (stopped) {
        watch.fail(Refusal.draining());
      }
    });
  }

  private void gone(Watch watch) {
    UserFeed feed = watch.feed();
    if (feed.isEmpty()) {
      feeds.remove(feed.userId(), feed);
    }
  }

  /// A session changed, durably. Returns at once; from any thread.
  ///
  /// @param at when it was active last
  public void changed(SessionKey key, Instant at) {
    UserFeed feed = feeds.get(key.userId());
    if (feed != null) {
      loop(key.userId()).execute(() -> feed.changed(key, at));
    }
  }

  /// Users are spread over the loops by their names, as sessions are by their numbers.
  private EventLoop loop(String userId) {
    return loops.of(userId.hashCode());
  }

  private void next() {
    if (running) {
      EventLoop.Timer _ = loop.schedule(settings.pollInterval(), this::sweep);
    }
  }

  private void sweep() {
    List<String> userIds = someUsers();
    if (!running || userIds.isEmpty()) {
      next();
      return;
    }
    pages
        .lastActivity(userIds)
        .subscribe()
        .with(
            newest ->
                loop.execute(() -> {
                  newest.forEach(this::swept);
                  next();
                }),
            failure ->
                loop.execute(() -> {
                  storeLost(failure);
                  next();
                }));
  }

  /// The next users of the round, at most as many as one sweep looks at.
  private List<String> someUsers() {
    if (round.isEmpty()) {
      round.addAll(feeds.keySet());
    }
    List<String> userIds = new ArrayList<>();
    while (!round.isEmpty() && userIds.size() < settings.sweepUsersMax()) {
      userIds.add(round.remove());
    }
    return userIds;
  }

  private void swept(String userId, Instant newest) {
    UserFeed feed = feeds.get(userId);
    if (feed != null) {
      loop(userId)
          .execute(() -> {
            if (feed.swept(newest)) {
              rescued.increment();
              LOG.warnf(Fields.NONE, "The sweep found a change of a list that no wake told of");
            }
          });
    }
  }

  private void storeLost(Throwable failure) {
    LOG.warnf(
        Fields.NONE,
        "The store does not answer the sweep, the watches of %d users are told: %s",
        feeds.size(),
        Failures.named(failure));
    endAll(Refusal.unavailable());
  }

  private void endAll(Refusal refusal) {
    feeds.forEach((userId, feed) -> loop(userId).execute(() -> feed.end(refusal)));
  }
}
