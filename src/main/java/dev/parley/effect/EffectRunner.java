package dev.parley.effect;

import dev.parley.log.Failures;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.loop.EventLoops;
import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import dev.parley.store.CommitListener;
import dev.parley.store.EncodedFrame;
import dev.parley.store.Outbox;
import dev.parley.store.SessionReader;
import dev.parley.trace.Traces;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// Delivers committed frames to whoever watches. Woken by every commit; a sweep on a schedule is
/// the net below, and counts what it catches.
public final class EffectRunner implements CommitListener {
  private static final FieldLog LOG = FieldLog.of(EffectRunner.class);

  private final SessionReader reader;
  private final Outbox outbox;
  private final EventLoops loops;
  private final EventLoop loop;
  private final Settings settings;
  private final Subscription.Source source;
  private final Counter rescued;

  /// Each feed is touched on its session's loop only.
  private final Map<Long, Feed> feeds = new ConcurrentHashMap<>();

  private final Deque<Long> round = new ArrayDeque<>();
  private boolean running;

  /// What subscriptions end with once they have nothing more to tell; absent: they go on.
  private volatile @Nullable Refusal finishing;

  private final List<UniEmitter<? super Void>> finished = new CopyOnWriteArrayList<>();

  /// @param pollInterval between two sweeps
  /// @param sweepSessionsMax sessions looked at in one sweep; the next goes on with the others
  /// @param ringFramesMax newest frames of a watched session kept at hand
  /// @param ringBytesMax their bytes
  /// @param readsMax reads of subscriptions that go on at once
  /// @param readsWait how long one waits for its turn
  /// @param pageFramesMax frames read at a time for a client that is behind
  /// @param pageBytesMax their bytes
  /// @param batchValuesMax values of one batch; 16 is what an Effect RPC client takes without
  ///   blocking its connection
  /// @param joinedBytesMax bytes of a joined delta
  /// @param ledgerInterval between two reports of delivered positions
  public record Settings(
      Duration pollInterval,
      int sweepSessionsMax,
      int ringFramesMax,
      int ringBytesMax,
      int readsMax,
      Duration readsWait,
      int pageFramesMax,
      int pageBytesMax,
      int batchValuesMax,
      int joinedBytesMax,
      Duration ledgerInterval) {}

  /// @param loop for the sweep and the reports
  /// @param traces hears of what clients are sent
  public EffectRunner(
      SessionReader reader,
      Outbox outbox,
      EventLoops loops,
      EventLoop loop,
      MeterRegistry metrics,
      Traces traces,
      Settings settings) {
    this.reader = reader;
    this.outbox = outbox;
    this.loops = loops;
    this.loop = loop;
    this.settings = settings;
    this.source =
        new Subscription.Source(
            reader,
            outbox,
            new FrameJoiner(settings.batchValuesMax(), settings.joinedBytesMax()),
            new DeliveryLedger(outbox, loop, settings.ledgerInterval()),
            new ReadTurns(settings.readsMax(), settings.readsWait()),
            settings.pageFramesMax(),
            settings.pageBytesMax(),
            new SubscriptionMeters(metrics),
            traces);
    this.rescued =
        Counter.builder("parley.effects.rescued")
            .description("Frames that only the sweep found: each is a lost wake")
            .register(metrics);
    Gauge.builder("parley.effects.watched.sessions", feeds, Map::size)
        .description("Sessions that somebody on this node watches")
        .register(metrics);
  }

  /// Starts the sweep. Once is enough.
  public void start() {
    loop.execute(() -> {
      if (!running) {
        running = true;
        next();
      }
    });
  }

  /// Ends every subscription, those to come too, with `DRAINING` once its client has acknowledged
  /// all there is, and reports how far that is.
  ///
  /// @return done when no subscription is left and the report is written; a client that does not
  ///   acknowledge keeps it waiting, until [#stop]
  public Uni<Void> finish() {
    finishing = Refusal.draining();
    return Uni.createFrom()
        .<Void>emitter(emitter -> {
          finished.add(emitter);
          feeds.forEach(
              (sid, feed) -> loops.of(sid).execute(() -> feed.finish(Refusal.draining())));
          tellFinished();
        })
        .flatMap(_ -> source.ledger().finish());
  }

  private void tellFinished() {
    if (finishing != null && feeds.isEmpty()) {
      finished.forEach(emitter -> emitter.complete(null));
    }
  }

  /// Stops the sweep and the reports, and ends every subscription with `DRAINING`, those to come
  /// too. Stopping twice is fine.
  public void stop() {
    finishing = Refusal.draining();
    loop.execute(() -> running = false);
    source.ledger().stop();
    endAll(Refusal.draining());
  }

  /// The frames of a session for one client, in batches: first the state, then, from `afterSeq` or
  /// from that state's head on, every frame, for ever.
  ///
  /// Asking for the next batch says that the client has acknowledged the one before, and raises the
  /// session's delivered position; ask for one at a time. Silent while there is nothing. Fails with
  /// [dev.parley.session.RefusedException]. Emits on the session's loop.
  ///
  /// @param afterSeq the client's cursor; absent: it has none
  /// @param incarnation the one its cursor belongs to
  public Multi<Delivery> subscribe(
      SessionKey key, @Nullable Long afterSeq, @Nullable String incarnation) {
    Subscription.Cursor cursor =
        afterSeq == null ? null : new Subscription.Cursor(afterSeq, incarnation);
    return Multi.createFrom().publisher(client -> arrive(key, cursor, client));
  }

  private void arrive(
      SessionKey key,
      Subscription.@Nullable Cursor cursor,
      Flow.Subscriber<? super Delivery> client) {
    Arrival arrival = new Arrival(client);
    client.onSubscribe(arrival);
    arrival.waitsFor(
        reader
            .sid(key)
            .subscribe()
            .with(sid -> subscribe(key, sid, cursor, arrival), arrival::onError));
  }

  private void subscribe(
      SessionKey key,
      long sid,
      Subscription.@Nullable Cursor cursor,
      Flow.Subscriber<? super Delivery> client) {
    EventLoop own = loops.of(sid);
    own.execute(() -> {
      Feed feed = feeds.computeIfAbsent(sid, _ -> feed(key, sid));
      Subscription subscription =
          new Subscription(key, feed, own, source, client, cursor, this::gone);
      feed.add(subscription);
      Refusal end = finishing;
      if (end != null) {
        feed.finish(end);
      }
      client.onSubscribe(subscription);
      subscription.open();
    });
  }

  private Feed feed(SessionKey key, long sid) {
    Ring ring = new Ring(settings.ringFramesMax(), settings.ringBytesMax());
    return new Feed(key, sid, ring, source.joiner());
  }

  private void gone(Subscription subscription) {
    Feed feed = subscription.feed();
    if (feed.isEmpty()) {
      feeds.remove(feed.sid(), feed);
      tellFinished();
    }
  }

  @Override
  public void committed(long sid, List<EncodedFrame> frames) {
    Feed feed = feeds.get(sid);
    if (feed != null) {
      EventLoop own = loops.of(sid);
      long nanos = own.nanoTime();
      own.execute(() -> feed.committed(frames, nanos));
    }
  }

  private void next() {
    if (running) {
      EventLoop.Timer _ = loop.schedule(settings.pollInterval(), this::sweep);
    }
  }

  private void sweep() {
    List<Long> sids = someSessions();
    if (!running || sids.isEmpty()) {
      next();
      return;
    }
    outbox
        .heads(sids)
        .subscribe()
        .with(
            heads ->
                loop.execute(() -> {
                  sids.forEach(sid -> swept(sid, heads.get(sid)));
                  next();
                }),
            failure ->
                loop.execute(() -> {
                  storeLost(failure);
                  next();
                }));
  }

  /// The next sessions of the round, at most as many as one sweep looks at.
  private List<Long> someSessions() {
    if (round.isEmpty()) {
      round.addAll(feeds.keySet());
    }
    List<Long> sids = new ArrayList<>();
    while (!round.isEmpty() && sids.size() < settings.sweepSessionsMax()) {
      sids.add(round.remove());
    }
    return sids;
  }

  /// @param head absent: the session is no longer there
  private void swept(long sid, @Nullable Long head) {
    Feed feed = feeds.get(sid);
    if (feed == null) {
      return;
    }
    if (head == null) {
      loops.of(sid).execute(feed::gone);
      return;
    }
    loops
        .of(sid)
        .execute(() -> {
          long lost = feed.swept(head);
          if (lost > 0) {
            rescued.increment((double) lost);
            LOG.warnf(feed.fields(), "The sweep found %d frames that no wake told of", lost);
          }
        });
  }

  private void storeLost(Throwable failure) {
    LOG.warnf(
        Fields.NONE,
        "The store does not answer the sweep, %d watched sessions are told: %s",
        feeds.size(),
        Failures.named(failure));
    endAll(Refusal.unavailable());
  }

  private void endAll(Refusal refusal) {
    feeds.forEach((sid, feed) -> loops.of(sid).execute(() -> feed.end(refusal)));
  }
}
