package dev.parley.effect;

import dev.parley.effect.Delivery.Opening;
import dev.parley.effect.SubscriptionMeters.Start;
import dev.parley.log.FieldLog;
import dev.parley.loop.EventLoop;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState.Present;
import dev.parley.store.EncodedFrame;
import dev.parley.store.Outbox;
import dev.parley.store.SessionReader;
import dev.parley.store.json.ClientStateJson;
import dev.parley.trace.Traces;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One client's cursor over one session's frames. On the session's loop, except for [#request] and
/// [#cancel], which may come from any thread.
final class Subscription implements Flow.Subscription {
  private static final FieldLog LOG = FieldLog.of(Subscription.class);

  /// Batches of frames that cannot be joined in one page.
  private static final int PAGE_BATCHES = 4;

  /// Frames of a page that are kept for the next batches.
  private static final int AHEAD_MAX = 48;

  private final SessionKey key;
  private final Feed feed;
  private final EventLoop loop;
  private final Source source;
  private final Flow.Subscriber<? super Delivery> client;
  private final Consumer<Subscription> gone;
  private final @Nullable Cursor resumeAt;

  private Phase phase = Phase.OPENING;
  private @Nullable Delivery opening;
  private long demand;
  private long cursor;

  /// The cursor that the client has once it acknowledges what is on its way; 0 when nothing is.
  private long unacknowledged;

  /// What the last page has beyond the batch that was sent of it, or the beginning of that: a
  /// client that does not go on holds little.
  private List<EncodedFrame> ahead = List.of();

  /// Frames to read at a time.
  private int pageFrames;

  /// The last read that was begun.
  private Cancellable reading = () -> {};

  private boolean pumping;

  /// What is sent next has waited for the client.
  private boolean late;

  /// The client has had its first batch.
  private boolean begun;

  /// Where a client says that it is.
  record Cursor(long afterSeq, @Nullable String incarnation) {}

  /// Where a subscription reads, and where it reports to.
  ///
  /// @param turns in which all of them read
  /// @param pageFramesMax frames read from the store at a time
  /// @param pageBytesMax their bytes
  record Source(
      SessionReader reader,
      Outbox outbox,
      FrameJoiner joiner,
      DeliveryLedger ledger,
      ReadTurns turns,
      int pageFramesMax,
      int pageBytesMax,
      SubscriptionMeters meters,
      Traces traces) {}

  private enum Phase {
    /// The state it begins with is being read.
    OPENING,
    /// Nothing is on its way from the store.
    OPEN,
    /// A page is being read.
    READING,
    ENDED
  }

  /// @param gone called once when it has ended, for whatever reason
  Subscription(
      SessionKey key,
      Feed feed,
      EventLoop loop,
      Source source,
      Flow.Subscriber<? super Delivery> client,
      @Nullable Cursor resumeAt,
      Consumer<Subscription> gone) {
    this.key = key;
    this.feed = feed;
    this.loop = loop;
    this.source = source;
    this.client = client;
    this.resumeAt = resumeAt;
    this.gone = gone;
    this.pageFrames = source.pageFramesMax();
  }

  Feed feed() {
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
      late = demand == 0 && hasMore();
      demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
      acknowledge();
      pump();
    });
  }

  @Override
  public void cancel() {
    loop.execute(this::end);
  }

  /// Reads the state to begin with. The subscription is in the feed already, so whatever is
  /// committed after that state was read is told to it.
  void open() {
    if (resumeAt == null) {
      begin(Start.FRESH);
      return;
    }
    on(
        () -> source.reader().see(key, feed.sid(), false),
        state -> {
          boolean other =
              resumeAt.incarnation() != null
                  && !resumeAt.incarnation().equals(state.core().incarnation().value());
          if (other || resumeAt.afterSeq() > state.frameSeq() || resumeAt.afterSeq() < 0) {
            begin(Start.RESET);
          } else if (resumeAt.afterSeq() == state.frameSeq()) {
            resume(state, List.of());
          } else {
            on(
                () -> page(resumeAt.afterSeq()),
                page -> {
                  if (fits(page, resumeAt.afterSeq())) {
                    resume(state, page);
                  } else {
                    begin(Start.RESET);
                  }
                });
          }
        });
  }

  private void resume(Present resumed, List<EncodedFrame> page) {
    source.meters().began(Start.RESUMED);
    String json = ClientStateJson.initialState(resumed, false, false);
    Opening state = new Opening(resumed, false, json);
    if (page.isEmpty()) {
      opened(new Delivery(state, page));
    } else {
      Delivery first = new Delivery(state, source.joiner().join(page, 1));
      keep(page, first.seq());
      opened(first);
    }
  }

  /// Keeps for the next batches what a page that was just read has after a cursor. Of what cannot
  /// be joined a batch takes little: then the next page is of a few batches only.
  private void keep(List<EncodedFrame> page, long seq) {
    List<EncodedFrame> rest = after(page, seq);
    int taken = page.size() - rest.size();
    ahead = List.copyOf(rest.subList(0, Math.min(rest.size(), AHEAD_MAX)));
    pageFrames =
        rest.isEmpty()
            ? source.pageFramesMax()
            : Math.min(source.pageFramesMax(), PAGE_BATCHES * taken);
  }

  /// Those of a page that come after a cursor.
  private static List<EncodedFrame> after(List<EncodedFrame> page, long seq) {
    return page.stream().dropWhile(frame -> frame.seq() <= seq).toList();
  }

  /// Begins at the head, with the running turn so far.
  private void begin(Start how) {
    boolean reset = how != Start.FRESH;
    ahead = List.of();
    on(
        () -> source.reader().see(key, feed.sid(), true),
        state -> {
          source.meters().began(how);
          String json = ClientStateJson.initialState(state, true, reset);
          opened(new Delivery(new Opening(state, reset, json), List.of()));
        });
  }

  private void opened(Delivery first) {
    phase = Phase.OPEN;
    cursor = first.seq();
    opening = first;
    feed.rise(Objects.requireNonNull(first.opening()).state().frameSeq());
    pump();
  }

  /// Sends what there is, as far as it is asked for.
  void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      while (phase == Phase.OPEN && demand > 0 && hasMore()) {
        if (opening != null) {
          Delivery first = opening;
          opening = null;
          emit(first);
        } else {
          more();
        }
      }
    } finally {
      pumping = false;
    }
    Refusal finishing = feed.finishing();
    if (finishing != null && phase == Phase.OPEN && demand > 0 && !hasMore()) {
      fail(finishing);
    }
  }

  /// The next batch, from memory if it is there.
  private void more() {
    Delivery recent = feed.after(cursor);
    EncodedFrame last = feed.end(cursor);
    if (recent != null) {
      ahead = List.of();
      emit(late ? new Delivery(null, recent.frames()) : recent);
    } else if (last != null) {
      emit(List.of(last));
    } else if (!ahead.isEmpty()) {
      emit(ahead);
      ahead = after(ahead, cursor);
    } else {
      readPage();
    }
  }

  private boolean hasMore() {
    return opening != null || cursor < feed.head() || feed.isGone();
  }

  private void readPage() {
    phase = Phase.READING;
    on(
        () -> page(cursor),
        page -> {
          if (!fits(page, cursor)) {
            // Retention has overtaken this reader.
            phase = Phase.OPENING;
            begin(Start.OVERTAKEN);
            return;
          }
          phase = Phase.OPEN;
          emit(page);
          keep(page, cursor);
          pump();
        });
  }

  private Uni<List<EncodedFrame>> page(long after) {
    return source.outbox().frames(feed.sid(), after, pageFrames, source.pageBytesMax());
  }

  private static boolean fits(List<EncodedFrame> page, long after) {
    return !page.isEmpty() && page.getFirst().seq() == after + 1;
  }

  /// Sends the frames, as many as go into one batch.
  private void emit(List<EncodedFrame> frames) {
    emit(new Delivery(null, source.joiner().join(frames, 0)));
  }

  /// Sends the batch. With the end of the session the stream ends.
  private void emit(Delivery delivery) {
    demand--;
    begun = true;
    late = false;
    cursor = delivery.seq();
    unacknowledged = cursor;
    source.traces().sent(feed.sid(), cursor);
    client.onNext(delivery);
    List<EncodedFrame> frames = delivery.frames();
    if (!frames.isEmpty() && frames.getLast().isEnd()) {
      complete();
    }
  }

  /// Asking for more says that what was sent has arrived.
  private void acknowledge() {
    if (unacknowledged > 0) {
      if (feed.delivered(unacknowledged)) {
        source.ledger().delivered(feed.sid(), unacknowledged);
        source.traces().acknowledged(feed.sid(), unacknowledged);
      }
      unacknowledged = 0;
    }
  }

  private void complete() {
    if (phase != Phase.ENDED) {
      end();
      client.onComplete();
    }
  }

  /// Ends the stream with the refusal.
  void fail(Refusal refusal) {
    if (phase != Phase.ENDED) {
      end();
      client.onError(new RefusedException(refusal));
    }
  }

  private void failed(Throwable failure) {
    if (phase == Phase.ENDED) {
      return;
    }
    Throwable told = SessionReader.refused(failure);
    if (begun
        && told instanceof RefusedException refused
        && refused.refusal() instanceof Refusal.SessionNotFound) {
      phase = Phase.OPEN;
      feed.gone();
    } else if (told instanceof RefusedException refused) {
      fail(refused.refusal());
    } else {
      LOG.errorf(feed.fields(), failure, "Delivery failed, the subscription ends");
      end();
      client.onError(failure);
    }
  }

  private void end() {
    if (phase != Phase.ENDED) {
      phase = Phase.ENDED;
      ahead = List.of();
      reading.cancel();
      feed.remove(this);
      gone.accept(this);
    }
  }

  /// Goes on with what was read, on the loop, unless the stream has ended meanwhile.
  private <T> void on(Supplier<Uni<? extends T>> read, Consumer<T> then) {
    reading =
        source
            .turns()
            .of(feed.sid(), loop, read)
            .subscribe()
            .with(
                item ->
                    loop.execute(() -> {
                      if (phase != Phase.ENDED) {
                        then.accept(item);
                      }
                    }),
                failure -> loop.execute(() -> failed(failure)));
  }
}
